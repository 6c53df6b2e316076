import { describe, expect, test } from '@jest/globals';
import { decodeUtf8 } from 'lib0/string';
import * as Y from 'yjs';
import { ByteCursor } from '../../shared/byte-cursor.js';
import { Kind, NONE, UpdateReader } from '../../shared/update-format.js';
import { between, forSeeds, randomBytes } from '../support/seeds.js';
import { Swarm } from '../support/swarm-server.js';

const RERUN = 'tests/shared/update-format.test.ts';

interface Id {
  readonly client: number;
  readonly clock: number;
}

function id(client: number, clock: number): Id | null {
  return client === NONE ? null : { client, clock };
}

function plainId(from: Id | null): Id | null {
  return from && { client: from.client, clock: from.clock };
}

/** Everything that the reader says of an update. */
function readAll(update: Uint8Array): unknown {
  const reader = new UpdateReader(update);
  const structs: unknown[] = [];
  let end = -1;
  while (reader.nextSection()) {
    while (reader.nextStruct()) {
      if (end >= 0 && reader.clock > 0 && reader.start < end) throw new Error('structs overlap');
      end = reader.pos;
      const { kind, client, clock, length } = reader;
      const root =
        reader.rootLength === NONE ? null : decodeUtf8(update.subarray(reader.rootStart, reader.rootEnd));
      if (root !== null) expect(reader.rootLength).toBe(root.length);
      structs.push({
        kind,
        id: { client, clock },
        length,
        origin: id(reader.originClient, reader.originClock),
        right: id(reader.rightClient, reader.rightClock),
        parent: root ?? id(reader.parentClient, reader.parentClock),
        sub: decodeUtf8(update.subarray(reader.subStart, reader.subEnd)),
        text: kind === Kind.string ? decodeUtf8(update.subarray(reader.bodyStart, reader.pos)) : null,
      });
    }
  }
  const deletes: unknown[] = [];
  while (reader.nextDeletes()) {
    while (reader.nextRange()) deletes.push([reader.client, reader.clock, reader.length]);
  }
  reader.finish();
  return { structs, deletes };
}

/** The same as Yjs' own decoder tells it. */
function decodeAll(update: Uint8Array): unknown {
  const { structs, ds } = Y.decodeUpdate(update);
  return {
    structs: structs.map((struct) => {
      const item = struct instanceof Y.Item ? struct : undefined;
      const parent: unknown = item?.parent ?? null;
      return {
        kind: item?.content.getRef() ?? Kind.gc,
        id: plainId(struct.id),
        length: struct.length,
        origin: plainId(item?.origin ?? null),
        right: plainId(item?.rightOrigin ?? null),
        parent: parent instanceof Y.ID ? plainId(parent) : parent,
        sub: item?.parentSub ?? '',
        text: item?.content instanceof Y.ContentString ? item.content.str : null,
      };
    }),
    deletes: [...ds.clients].flatMap(([client, ranges]) =>
      ranges.map(({ clock, len }) => [client, clock, len]),
    ),
  };
}

describe('the update format', () => {
  test('[FORMAT1] the reader tells the same of an update as Yjs', () => {
    forSeeds(15, RERUN, (random) => {
      const swarm = new Swarm(random, 3, (update) => expect(readAll(update)).toEqual(decodeAll(update)));
      for (let step = 0; step < 80; step++) swarm.step();
      const state = Y.encodeStateAsUpdate(swarm.server.doc);
      expect(readAll(state)).toEqual(decodeAll(state));
    });
  });

  test('[FORMAT2] any bytes are UTF-8 for the reader exactly if they are for Yjs, and as long', () => {
    forSeeds(300, RERUN, (random) => {
      // Mostly first and following bytes of long characters, or all of them would fail at once.
      const leads = [0x61, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5];
      const bytes = randomBytes(random, between(random, 0, 5)).map((byte) =>
        random() < 0.4 ? (leads[byte % leads.length] ?? byte) : random() < 0.8 ? 0x80 | (byte & 0x3f) : byte,
      );
      let units: number | undefined;
      try {
        units = decodeUtf8(bytes).length;
      } catch {
        units = undefined;
      }
      const walk = (): number => new ByteCursor(bytes).utf8(bytes.length);
      if (units === undefined) expect(walk).toThrow(expect.objectContaining({ code: 'invalid-update' }));
      else expect(walk()).toBe(units);
    });
  });
});
