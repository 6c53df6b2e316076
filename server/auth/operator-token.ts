import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.js';
import type { AccessControl, AccessMode, Credentials, Grant, Identity } from './access.js';
import { bearerOf } from './bearer.js';

/** Of an operator token: visible ASCII, as it has to fit into a header, and more than can be tried out. */
const TOKEN = /^[!-~]{16,1024}$/;

/**
 * Says whether a token is the one that the operator gave: as it is, or `file:` and the name of a file that holds it. Only its
 * hash stays in memory, and comparing takes as long whatever is wrong.
 *
 * @throws ConfigError if it will not do; the message holds nothing of the token
 */
export function readOperatorToken(given: string): (token: string) => boolean {
  const text = given.startsWith('file:') ? readTokenFile(given.slice('file:'.length)) : given;
  if (!TOKEN.test(text)) throw problem('must have 16 to 1024 visible ASCII characters');
  const expected = hashOf(text);
  return (token) => timingSafeEqual(hashOf(token), expected);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function readTokenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw problem(`names the file ${path}, which cannot be read (${code})`);
  }
}

function problem(predicate: string): ConfigError {
  return new ConfigError([`COSCRIBE_OPERATOR_TOKEN ${predicate}.`]);
}

/**
 * Who brings the operator token is an operator, whoever lets people in otherwise. Where everybody is let in, he is the only
 * one: who sets a token wants it to be asked for.
 */
export class OperatorAccess implements AccessControl {
  readonly mode: AccessMode;

  constructor(
    private readonly access: AccessControl,
    private readonly isOperatorToken: (token: string) => boolean,
  ) {
    this.mode = access.mode;
  }

  async identify(credentials: Credentials): Promise<Identity> {
    const token = credentials.token ?? bearerOf(credentials);
    if (token !== undefined && this.isOperatorToken(token)) return { operator: true };
    const identity = await this.access.identify(credentials);
    return this.mode === 'open' ? { ...identity, operator: false } : identity;
  }

  reader(credentials: Credentials): ReturnType<AccessControl['reader']> {
    return this.access.reader(credentials);
  }

  admit(...asked: Parameters<AccessControl['admit']>): Promise<Grant> {
    return this.access.admit(...asked);
  }

  review(...asked: Parameters<AccessControl['review']>): Promise<Grant> {
    return this.access.review(...asked);
  }
}
