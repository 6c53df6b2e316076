import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Writes a file and, beside it, its compressed forms `.br` and `.gz`, which the server sends as they are. */
export async function writeCompressed(path, contents) {
  const brotli = promisify(brotliCompress)(contents, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
    },
  });
  await Promise.all([
    writeFile(path, contents),
    brotli.then((small) => writeFile(`${path}.br`, small)),
    promisify(gzip)(contents, { level: 9 }).then((small) => writeFile(`${path}.gz`, small)),
  ]);
}
