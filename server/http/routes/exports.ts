import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { View } from '../../copies/copies.js';
import { type Call, DOCUMENT, documentOf, type HttpEnv } from '../call.js';
import type { Content, Shown } from '../content.js';
import { queryOf } from '../query.js';
import { rootOf } from '../roots.js';

/** What a document can be taken along as. */
interface Form {
  readonly type: string;
  readonly extension: string;
  /** @throws CoscribeError `bad-request` */
  view(query: { readonly root?: string }): View;
}

const FORMS: Readonly<Record<string, Form>> = {
  markdown: {
    type: 'text/markdown; charset=utf-8',
    extension: 'md',
    view: (query) => ({ as: 'markdown', root: rootOf(query) }),
  },
  plain: {
    type: 'text/plain; charset=utf-8',
    extension: 'txt',
    view: (query) => ({ as: 'plain', root: rootOf(query) }),
  },
  json: {
    type: 'application/json',
    extension: 'json',
    view: (query) => (query.root === undefined ? { as: 'json' } : { as: 'json', root: rootOf(query) }),
  },
  yjs: {
    type: 'application/octet-stream',
    extension: 'yjs',
    view({ root }) {
      if (root === undefined) return { as: 'state' };
      throw new CoscribeError('bad-request', 'as "yjs" there is only the whole document, without "root"');
    },
  },
};

/** Adds documents as files to keep. */
export function addExports(app: Hono<HttpEnv>, content: Content): void {
  app.get(`${DOCUMENT}/export`, (c) => content.read(c, exportOf(c)));
}

/** As what the document of a request is to be taken along. @throws CoscribeError `bad-request`, `invalid-document-id` */
export function exportOf(c: Call): Shown {
  const { format = 'markdown', ...query } = queryOf(c, ['format', 'root']);
  const form = Object.hasOwn(FORMS, format) ? FORMS[format] : undefined;
  if (form === undefined)
    throw new CoscribeError('bad-request', `"format" is one of ${Object.keys(FORMS).join(', ')}`);
  const headers = {
    'Content-Type': form.type,
    'Content-Disposition': `attachment; filename="${fileName(documentOf(c))}.${form.extension}"`,
  };
  return { view: form.view(query), headers };
}

/** A name of a document has nothing in it that a file's name must not have. */
function fileName(id: DocumentId): string {
  return id.slice(id.indexOf('/') + 1);
}
