import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Dice } from '../../dice.js';

/** A client with a copy of its own, and what it would send if it were honest. */
export interface Writer {
  readonly clientId: number;
  readonly clientKey: string;
  /** One after the other they make a document; each has been sent when the next one was made. */
  readonly updates: readonly Uint8Array[];
  readonly presence: Uint8Array;
  readonly stateVector: Uint8Array;
}

const EDITS = 24;

/** Edits everything that a document can hold. */
export function makeWriter(dice: Dice): Writer {
  const doc = new Y.Doc();
  doc.clientID = dice.between(1, 2 ** 32 - 1);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let edit = 0; edit < EDITS; edit++) doc.transact(() => editOnce(dice, doc));
  return {
    clientId: doc.clientID,
    clientKey: `the key of the client ${doc.clientID}`,
    updates,
    presence: presenceUpdate(doc.clientID, dice.between(1, 100), { user: { name: 'N', color: '#aabbcc' } }),
    stateVector: Y.encodeStateVector(doc),
  };
}

function editOnce(dice: Dice, doc: Y.Doc): void {
  const text = doc.getText('text');
  const map = doc.getMap('map');
  const at = dice.between(0, text.length);
  switch (dice.between(0, 8)) {
    case 0:
      text.format(0, text.length, { bold: dice.chance(0.5) });
      break;
    case 1:
      text.delete(at, Math.min(3, text.length - at));
      break;
    case 2:
      map.set(dice.pick(['a', 'b']), dice.pick([1, 'two', null, [3, { four: 5 }]]));
      break;
    case 3:
      map.set('nested', new Y.Map([['in', new Y.Array()]]));
      break;
    case 4:
      doc.getArray('list').push([dice.between(0, 9), new Uint8Array([1, 2, 3])]);
      break;
    case 5:
      text.insertEmbed(at, { image: 'x' });
      break;
    case 6:
      doc.getXmlFragment('xml').insert(0, [new Y.XmlElement('p')]);
      break;
    default:
      text.insert(at, dice.pick(['word ', 'é', '😀', 'a longer piece of text ']));
  }
}

/** A y-protocols awareness update with one state. @param state anything; a string is taken for JSON */
export function presenceUpdate(client: number, clock: number, state: unknown): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
  encoding.writeVarString(encoder, typeof state === 'string' ? state : JSON.stringify(state));
  return encoding.toUint8Array(encoder);
}
