import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';

/** The attributes that are read; `data-coscribe-status` is written. */
export const ATTRIBUTES = [
  'data-coscribe',
  ...['url', 'token', 'field', 'name', 'color', 'offline', 'ask'].map((name) => `data-coscribe-${name}`),
];

/** What an element asks for. */
export interface FieldRequest {
  readonly document: DocumentId;
  /** Name of the `Y.Text`. */
  readonly field: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly name: string | undefined;
  readonly color: string | undefined;
  /** Whose copy is kept on this device, or `undefined` if none is. */
  readonly offline: string | undefined;
  /** Whether the browser may ask before it leaves the page with something that is not saved. */
  readonly asks: boolean;
}

/**
 * Reads the attributes of an element.
 *
 * @returns `undefined` if they name no document
 * @throws CoscribeError `invalid-document-id`
 */
export function readRequest(element: Element): FieldRequest | undefined {
  const document = element.getAttribute('data-coscribe') ?? '';
  if (document === '') return undefined;
  const read = (name: string) => element.getAttribute(`data-coscribe-${name}`) ?? undefined;
  return {
    document: parseDocumentId(document),
    field: read('field') || DEFAULT_TEXT,
    url: read('url') || undefined,
    token: read('token') || undefined,
    name: read('name') || undefined,
    color: read('color') || undefined,
    offline: read('offline'),
    asks: read('ask') !== 'no',
  };
}
