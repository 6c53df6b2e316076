import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import type { ApiDeps } from '../api-deps.js';
import { type BodyForm, parseJson, parseText } from '../body.js';
import { DOCUMENT, type HttpEnv } from '../call.js';
import type { Content } from '../content.js';
import { parseDelta } from '../parse-changes.js';
import { queryOf } from '../query.js';
import { rootOf } from '../roots.js';

/** How a text is read. */
interface Form {
  readonly as: 'text' | 'delta';
  readonly type: string;
}

const FORMS: Readonly<Record<string, Form>> = {
  plain: { as: 'text', type: 'text/plain; charset=utf-8' },
  delta: { as: 'delta', type: 'application/json' },
};

/** Adds the text of documents: read, replaced, continued, and changed in places. */
export function addText(app: Hono<HttpEnv>, { limits }: ApiDeps, content: Content): void {
  const path = `${DOCUMENT}/text`;
  const { maxDocumentBytes, maxUpdateBytes } = limits;
  // Of a large text, what is written may be a single word.
  const text: BodyForm = { types: ['text/plain'], mayBeUnsaid: true, maxBytes: maxDocumentBytes };
  const delta: BodyForm = { types: ['application/json'], maxBytes: maxUpdateBytes };
  app.get(path, (c) => {
    const { format = 'plain', ...query } = queryOf(c, ['root', 'format']);
    const form = Object.hasOwn(FORMS, format) ? FORMS[format] : undefined;
    if (form === undefined)
      throw new CoscribeError('bad-request', `"format" is one of ${Object.keys(FORMS).join(', ')}`);
    const headers = { 'Content-Type': form.type };
    return content.read(c, { view: { as: form.as, root: rootOf(query) }, headers });
  });
  app.put(path, (c) => {
    const root = rootOf(queryOf(c, ['root']));
    return content.write(c, {
      form: text,
      changeBy: (body) => ({ as: 'replace-text', root, text: parseText(body) }),
    });
  });
  app.post(path, (c) => {
    const root = rootOf(queryOf(c, ['root']));
    return content.write(c, {
      form: text,
      changeBy: (body) => ({ as: 'append-text', root, text: parseText(body) }),
    });
  });
  app.patch(path, (c) => {
    const root = rootOf(queryOf(c, ['root']));
    return content.write(c, {
      form: delta,
      changeBy: (body) => ({ as: 'delta', root, operations: parseDelta(parseJson(body)) }),
    });
  });
}
