import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { CoscribeError } from '../../shared/errors.js';
import { type Asset, chooseEncoding } from './public-files.js';

/**
 * What pages of any origin may load, since they name it in a `<script>` tag: the file has no secret, and the page that
 * loads it gets no rights by it.
 */
const FOR_ALL_ORIGINS = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/**
 * Answers with files whose addresses stay the same when their content changes: browsers ask each time whether it has.
 *
 * @param forAll whether pages of any origin may load them
 */
export function serveScripts(
  files: ReadonlyMap<string, Asset>,
  forAll: boolean,
): (c: Context, name: string) => Response {
  const tags = new Map(
    // Weak: one tag for all encodings of the same content.
    [...files].map(([name, { body }]) => [
      name,
      `W/"${createHash('sha256').update(body).digest('base64url')}"`,
    ]),
  );
  return (c, name) => {
    const file = files.get(name);
    const tag = tags.get(name);
    if (file === undefined || tag === undefined) throw new CoscribeError('not-found');
    const headers = {
      ...(forAll && FOR_ALL_ORIGINS),
      'Cache-Control': 'no-cache',
      ETag: tag,
      Vary: 'Accept-Encoding',
    };
    const known = (c.req.header('If-None-Match') ?? '').split(',').map((one) => one.trim());
    if (known.includes(tag)) return c.body(null, 304, headers);
    const encoding = chooseEncoding(file, c.req.header('Accept-Encoding'));
    const body = (encoding && file.encoded[encoding]) ?? file.body;
    return c.body(body, 200, {
      ...headers,
      'Content-Type': file.type,
      'Content-Length': String(body.byteLength),
      ...(encoding !== undefined && { 'Content-Encoding': encoding }),
    });
  };
}
