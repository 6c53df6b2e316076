import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import { quoted } from './json-body.js';

/** A workspace as it is named in a request. @throws CoscribeError `invalid-document-id` */
export function parseWorkspace(raw: string): string {
  try {
    // It follows the rule of a name's part; any valid name makes a whole of it.
    parseDocumentId(`${raw}/any`);
  } catch (cause) {
    throw new CoscribeError('invalid-document-id', `${quoted(raw)} is no workspace`, { cause });
  }
  return raw;
}
