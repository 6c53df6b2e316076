import type { DocumentIndex } from '../../shared/document-index.js';
import type { Random } from '../../shared/time.js';
import { between } from './seeds.js';
import {
  any,
  binary,
  buildUpdate,
  type DeletesPlan,
  deleted,
  embed,
  format,
  gc,
  type Place,
  type SectionPlan,
  string,
  type,
} from './update-builder.js';

type Struct = readonly [length: number, write: SectionPlan['structs'][number]];

/**
 * Well-formed structs that no editor would make: any content anywhere, beside anything, mostly within what the
 * document or the update has, sometimes again what the document has already.
 */
export function randomUpdate(random: Random, index: DocumentIndex, clients: readonly number[]): Uint8Array {
  const reach = new Map([1, 2, 3].map((client) => [client, index.clock(client)]));
  const sections: SectionPlan[] = [];
  for (const client of clients) {
    const known = index.clock(client);
    const clock = random() < 0.2 ? between(random, 0, known) : known;
    const structs: SectionPlan['structs'][number][] = [];
    let end = clock;
    for (let left = between(random, clients.length > 1 ? 0 : 1, 3); left > 0; left--) {
      const [length, write] = randomStruct(random, reach);
      structs.push(write);
      end += length;
      reach.set(client, Math.max(known, end));
    }
    if (structs.length > 0) sections.push({ client, clock, structs });
  }
  const deletes: DeletesPlan[] = [];
  for (const [client, clock] of reach) {
    if (clock === 0 || random() < 0.7) continue;
    const from = between(random, 0, clock - 1);
    deletes.push({ client, ranges: [[from, between(random, 1, clock - from)]] });
  }
  return buildUpdate(sections, deletes);
}

function randomStruct(random: Random, reach: ReadonlyMap<number, number>): Struct {
  const place = randomPlace(random, reach);
  switch (between(random, 0, 9)) {
    case 0:
      return [2, gc(2)];
    case 1:
      return [3, deleted(3, place)];
    case 2:
      return [2, any([{ a: 1 }, 'b'], place)];
    case 3:
      return [1, binary(Uint8Array.of(1), place)];
    case 4:
      return [1, embed('{"a":1}', place)];
    case 5:
      return [1, format('bold', random() < 0.5 ? 'true' : 'null', place)];
    case 6:
    case 7:
      // Not elements and hooks, which carry a name.
      return [1, type([0, 1, 2, 4, 6][between(random, 0, 4)], place)];
    default:
      return [5, string('a😀bc', place)];
  }
}

function randomPlace(random: Random, reach: ReadonlyMap<number, number>): Place {
  const id = (): readonly [number, number] => {
    const client = between(random, 1, 3);
    return [client, between(random, 0, Math.max(0, (reach.get(client) ?? 0) - (random() < 0.9 ? 1 : 0)))];
  };
  const choice = random();
  const sub = random() < 0.4 ? { sub: random() < 0.5 ? 'k' : 'l' } : {};
  if (choice < 0.2) return { parent: ['text', 'map', 'xml'][between(random, 0, 2)] ?? 'text', ...sub };
  if (choice < 0.4) return { parent: id(), ...sub };
  if (choice < 0.6) return { origin: id(), ...sub };
  if (choice < 0.7) return { right: id(), ...sub };
  return { origin: id(), right: id(), ...sub };
}
