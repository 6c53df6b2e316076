import { randomBytes } from 'node:crypto';

/** Bytes of chance in the id of a node that has a name, and of one that has none. */
const NAMED_BYTES = 3;
const NAMELESS_BYTES = 9;

/** What a node may be called. */
export const NODE_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * What other nodes know this one by until it ends. It begins with the name that the operator has given; the rest is chance,
 * so that whoever starts anew under the same name, or by mistake beside another, is told apart.
 */
export function nodeId(name: string): string {
  if (name === '') return randomBytes(NAMELESS_BYTES).toString('base64url');
  return `${name}-${randomBytes(NAMED_BYTES).toString('base64url')}`;
}
