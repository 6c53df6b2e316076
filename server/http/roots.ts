import { CoscribeError } from '../../shared/errors.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { MAX_ROOT_NAME } from '../../shared/update-rules.js';

/** The shared type that a request is about: that of text areas unless it names another. @throws CoscribeError `bad-request` */
export function rootOf({ root = DEFAULT_TEXT }: { readonly root?: string }): string {
  if (root.length > MAX_ROOT_NAME || root === '__proto__')
    throw new CoscribeError('bad-request', `"root" is a name of ${MAX_ROOT_NAME} characters at most`);
  return root;
}
