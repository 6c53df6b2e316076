import type { ProblemKind } from '../../messages.js';
import type { Client } from '../people/client.js';
import type { Seat } from '../people/crowd.js';
import type { Written } from '../truth.js';
import type { LoadDocument } from '../view/load-document.js';
import { characters } from './characters.js';
import type { Gone } from './gone.js';

/** Whether a client has all that was written in his document. */
export function hasEverything({ document, client }: Seat, truth: ReadonlyMap<number, Written>): boolean {
  for (const { clientId, least } of truth.values()) {
    const writer = document.writer(clientId);
    if (writer === undefined || writer === client.writer) continue;
    if (client.view.clockOf(writer) < least.written) return false;
    if (client.view.deletedOf(writer).count < least.deleted.count) return false;
  }
  return true;
}

/** Says what is wrong with what a client has. Whoever was refused for good may lack what came afterwards. */
export function checkView({ document, client }: Seat, truth: ReadonlyMap<number, Written>, gone: Gone): void {
  const { problems, name } = document;
  const lacks: string[] = [];
  const foreign: string[] = [];
  const deleted: string[] = [];
  for (const writer of document.writers) {
    if (writer === client.writer) continue;
    const told = truth.get(writer.clientId);
    const who = `client ${writer.identity.number}`;
    const has = client.view.clockOf(writer);
    const seen = client.view.deletedOf(writer);
    if (told === undefined) {
      if (has > 0 || seen.count > 0)
        foreign.push(
          `has ${characters(has)} of clientID ${writer.clientId} (${who}), who has written nothing`,
        );
      continue;
    }
    const { written, least } = told;
    if (has < least.written)
      lacks.push(`lacks ${least.written - has} of the ${characters(least.written)} that ${who} has written`);
    if (has > written) foreign.push(`has ${characters(has - written)} of ${who} more than he has written`);
    const undeleted = least.deleted.without(seen);
    if (undeleted > 0) lacks.push(`still has ${characters(undeleted)} that ${who} has deleted`);
    const undone = seen.without(told.deleted);
    if (undone > 0) deleted.push(`has ${characters(undone)} of ${who} deleted, which nobody has deleted`);
    if (client.denied === undefined) gone.see(client.name, writer.clientId, seen, told.deleted);
  }
  if (client.view.waits) lacks.push('waits for edits that never came');
  const tell = (kind: ProblemKind, [first, ...more]: readonly string[], why: string): void => {
    if (first === undefined) return;
    const others =
      more.length === 0 ? '' : `; and ${more.length} more such ${more.length === 1 ? 'thing' : 'things'}`;
    problems.add(kind, name, `In ${name} ${client.name} ${first}${others}${why}.`);
  };
  if (client.denied === undefined) tell('differs', lacks, whyOf(client));
  tell('not-typed', foreign, '');
  tell('gone', deleted, '');
}

/** Says whose text of another process this one's clients were shown in another order than he put it. */
export function checkPlaces(document: LoadDocument, truth: ReadonlyMap<number, Written>): void {
  for (const { clientId, identity, author, places } of document.writers) {
    const told = truth.get(clientId);
    if (told === undefined || author !== undefined) continue;
    if (places.areThose(told.written, told.places) !== false) continue;
    const who = `client ${identity.number} (clientID ${clientId})`;
    document.problems.add(
      'not-typed',
      document.name,
      `In ${document.name} characters of ${who} were shown in another place than he put them.`,
    );
  }
}

/** Says who was refused for good, and what he had typed in vain. */
export function checkRefused({ document, client }: Seat, acknowledges: boolean): void {
  const { author, outgoing, denied, name } = client;
  if (denied === undefined) return;
  const isOpen = acknowledges && author !== undefined && outgoing?.done === false;
  const open = isOpen
    ? `; ${author.unacked} of the ${author.times.count} edits that it made were not acknowledged`
    : '';
  const what = `${name} was refused for good (${denied})${open}`;
  document.problems.add('refused', document.name, `In ${document.name} ${what}.`);
}

/** Says what was typed and not acknowledged. */
export function checkAcknowledged({ document, client }: Seat): void {
  const { author, outgoing } = client;
  if (author === undefined || outgoing === undefined || outgoing.done || client.denied !== undefined) return;
  const why = client.silenced ? ': the server refuses them' : whyOf(client);
  const what = `${author.unacked} of the ${author.times.count} edits of ${client.name} were not acknowledged${why}`;
  document.problems.add('unfinished', document.name, `In ${document.name} ${what}.`);
}

/** Fewer clients than planned have a view that counts. */
export function checkComplete(document: LoadDocument, { client }: Seat): void {
  if (client.everIn || client.denied !== undefined) return;
  const what = `${client.name} never got in${whyOf(client)}`;
  document.problems.add('differs', document.name, `In ${document.name} ${what}.`);
}

function whyOf(client: Client): string {
  return client.isIn ? '' : ': it is not connected';
}
