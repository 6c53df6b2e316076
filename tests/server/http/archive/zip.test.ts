import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { strFromU8, strToU8, unzipSync, Zip, ZipDeflate, ZipPassThrough, zipSync } from 'fflate';
import { ZipFile } from 'yazl';
import { mostUnpacked } from '../../../../server/http/archive/archive-bounds.js';
import { readDirectory, type ZipSource } from '../../../../server/http/archive/zip-reader.js';
import { ZipWriter } from '../../../../server/http/archive/zip-writer.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { randomBytes } from '../../../support/random.js';
import { seededRandom } from '../../../support/seeds.js';

const AT = Date.UTC(2026, 10, 22, 19, 3, 30);
const MOST = 1_000;

/** An archive in memory. */
function sourceOf(bytes: Uint8Array): ZipSource {
  return {
    length: bytes.length,
    async read(at, length) {
      if (at + length > bytes.length) throw new CoscribeError('bad-request');
      return Buffer.from(bytes.subarray(at, at + length));
    },
  };
}

async function written(files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const zip = new ZipWriter();
  const archive = buffer(zip.output);
  for (const [name, content] of Object.entries(files)) await zip.file(name, content, AT);
  zip.end();
  return archive;
}

async function read(bytes: Uint8Array, maxBytes = 1_000_000): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of await readDirectory(sourceOf(bytes), MOST))
    files[entry.name] = new Uint8Array(await entry.unpack(maxBytes));
  return files;
}

const FILES = {
  'manifest.json': strToU8('{}'),
  'documents/plan.md': strToU8('word '.repeat(500)),
  'documents/Grüße.txt': new Uint8Array(),
  'documents/noise.yjs': randomBytes(seededRandom(1), 5_000),
};

const bad = expect.objectContaining({ code: 'bad-request' });

describe('archives that are written here', () => {
  test('[ARCH1] are read by others', async () => {
    expect(unzipSync(await written(FILES))).toEqual(FILES);
  });

  test('[ARCH1] are read here', async () => {
    expect(await read(await written(FILES))).toEqual(FILES);
  });

  test('[ARCH1] of a time before 1970', async () => {
    const zip = new ZipWriter();
    const archive = buffer(zip.output);
    await zip.file('a', strToU8('content'), -1_000);
    zip.end();
    expect(Object.keys(unzipSync(await archive))).toEqual(['a']);
  });

  test('[ARCH6] hold nothing that unpacks to more than the bound of an import', async () => {
    const blank = new Uint8Array(10_000_000);
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${at}`, blank]));
    const bytes = await written(files);
    const entries = await readDirectory(sourceOf(bytes), MOST);
    expect(entries.map(({ size }) => size)).toEqual(entries.map(() => blank.length));
    expect(mostUnpacked(bytes.length)).toBeGreaterThanOrEqual(20 * blank.length);
    // No more is left unpacked than that takes.
    expect(bytes.length).toBeLessThan(2 * blank.length);
    expect(await entries[19]?.unpack(blank.length)).toHaveLength(blank.length);
  });

  test('[ARCH4] are written as fast as they are taken, and no further once nobody takes them', async () => {
    const zip = new ZipWriter();
    const noise = randomBytes(seededRandom(3), 1_000_000);
    let isPacked = false;
    const packing = zip.file('noise', noise, AT).finally(() => {
      isPacked = true;
    });
    const taken = zip.output[Symbol.asyncIterator]();
    for (let bytes = 0; bytes < 500_000; ) bytes += ((await taken.next()).value as Buffer).length;
    expect(isPacked).toBe(false);
    zip.output.destroy();
    await expect(packing).rejects.toThrow('abort');
    await expect(zip.file('more', noise, AT)).rejects.toThrow('abort');
  });
});

describe('archives that others have written', () => {
  test('[ARCH5] packed or not, with folders and a comment', async () => {
    const bytes = zipSync({
      documents: { a: strToU8('aaaaaaaaaaaa'), b: [strToU8('b'), { level: 0 }] },
      'empty/': new Uint8Array(),
    });
    const files = await read(bytes);
    expect(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strFromU8(content)])),
    ).toEqual({
      'documents/a': 'aaaaaaaaaaaa',
      'documents/b': 'b',
    });
    const comment = Buffer.concat([bytes, Buffer.from('a comment')]);
    comment.writeUInt16LE(9, bytes.length - 2);
    expect(Object.keys(await read(comment))).toHaveLength(2);
  });

  test('[ARCH5] whose sizes come after the files', async () => {
    const pieces: Uint8Array[] = [];
    const zip = new Zip((error, piece) => {
      if (error) throw error;
      pieces.push(piece);
    });
    const packed = new ZipDeflate('packed');
    zip.add(packed);
    packed.push(strToU8('one '.repeat(100)));
    packed.push(strToU8('two'), true);
    const plain = new ZipPassThrough('plain');
    zip.add(plain);
    plain.push(strToU8('three'), true);
    zip.end();
    const files = await read(Buffer.concat(pieces));
    expect(Object.values(files).map((content) => strFromU8(content))).toEqual([
      `${'one '.repeat(100)}two`,
      'three',
    ]);
  });

  test('[ARCH5] whose numbers are told in 64 bits', async () => {
    const bytes = Buffer.from(zipSync({ a: [strToU8('content'), { extra: { 1: new Uint8Array(24) } }] }));
    const central = bytes.indexOf(Buffer.from('PK\x01\x02'));
    const extra = central + 46 + 1 + 4;
    const [packed, size] = [bytes.readUInt32LE(central + 20), bytes.readUInt32LE(central + 24)];
    for (const [place, number] of [size, packed, 0].entries())
      bytes.writeBigUInt64LE(BigInt(number), extra + 8 * place);
    for (const field of [20, 24, 42]) bytes.writeUInt32LE(0xffff_ffff, central + field);
    expect(await read(bytes)).toEqual({ a: strToU8('content') });
  });

  test('[ARCH5] whose directory is told in 64 bits, and stands far before the end', async () => {
    const zip = new ZipFile();
    for (const name of ['a', 'b'])
      zip.addBuffer(Buffer.from(`content of ${name}`), name, { forceZip64Format: true });
    zip.end({ forceZip64Format: true, comment: 'x'.repeat(60_000) });
    const bytes = await buffer(zip.outputStream);
    expect(await read(bytes)).toEqual({ a: strToU8('content of a'), b: strToU8('content of b') });
    // Where no file of anybody's has a byte.
    bytes.writeBigUInt64LE(2n ** 63n, bytes.lastIndexOf('PK\x06\x07') + 8);
    await expect(read(bytes)).rejects.toEqual(bad);
  });
});

describe('what is no archive, or a damaged one', () => {
  test('[ARCH6] what has too many files is refused before they are looked at', async () => {
    const archive = await written({ a: strToU8('a'), b: strToU8('b') });
    expect(await readDirectory(sourceOf(archive), 2)).toHaveLength(2);
    await expect(readDirectory(sourceOf(archive), 1)).rejects.toEqual(bad);
  });

  test('[ARCH6] what says that it has the same bytes in many files is refused', async () => {
    const bytes = Buffer.from(zipSync({ a: [randomBytes(seededRandom(4), 500), { level: 0 }] }));
    const [central, end] = [bytes.indexOf('PK\x01\x02'), bytes.indexOf('PK\x05\x06')];
    const record = bytes.subarray(central, end);
    const [files, last] = [bytes.subarray(0, central), Buffer.from(bytes.subarray(end))];
    last.writeUInt16LE(2, 10);
    await expect(read(Buffer.concat([files, record, record, last]))).rejects.toEqual(bad);
  });

  test('[ARCH6] what the disk is to blame for is not blamed on the archive', async () => {
    const source = {
      length: 1_000,
      read: async () => {
        throw new Error('EIO');
      },
    };
    await expect(readDirectory(source, MOST)).rejects.toMatchObject({ code: 'internal' });
  });

  test('[ARCH6] nothing, noise, and every beginning of an archive are refused', async () => {
    const bytes = await written({ a: strToU8('content') });
    const noise = randomBytes(seededRandom(2), 300);
    for (const other of [new Uint8Array(), noise]) await expect(read(other)).rejects.toEqual(bad);
    for (let length = 1; length < bytes.length; length++)
      await expect(read(bytes.subarray(0, length))).rejects.toEqual(bad);
  });

  test('[ARCH6] with any byte changed it is refused, or holds the same', async () => {
    const bytes = await written({ a: strToU8('some content, some content') });
    const content = Buffer.from('some content, some content');
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ change;
        const found: unknown = await read(other).then(
          (files) => Object.values(files).every((one) => content.equals(one)),
          (error) => (error as CoscribeError).code,
        );
        expect([true, 'bad-request']).toContain(found);
      }
    }
  });

  test('[ARCH6] what is larger than it says, or than it may be, is not unpacked', async () => {
    const bytes = Buffer.from(zipSync({ bomb: new Uint8Array(1_000_000) }, { level: 9 }));
    await expect(read(bytes, 999_999)).rejects.toEqual(bad);
    bytes.writeUInt32LE(1_000, bytes.indexOf(Buffer.from('PK\x01\x02')) + 24);
    await expect(read(bytes)).rejects.toEqual(bad);
  });

  test.each([
    ['encrypted', 8, 1],
    ['packed in an unknown way', 10, 93],
  ])('[ARCH6] what is %s is refused', async (_, field, value) => {
    const bytes = Buffer.from(zipSync({ a: strToU8('content') }));
    bytes.writeUInt16LE(value, bytes.indexOf(Buffer.from('PK\x01\x02')) + field);
    await expect(read(bytes)).rejects.toEqual(bad);
  });
});
