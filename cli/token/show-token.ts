import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { jwtAuthenticator } from '../../server/auth/jwt-authenticator.js';
import type { Log } from '../../server/telemetry/log.js';
import { CoscribeError } from '../../shared/errors.js';
import { systemClock } from '../../shared/time.js';
import { checkingKey, type TokenSettings } from './keys.js';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Claims that hold a time, in seconds. */
const TIMES = new Set(['exp', 'iat', 'nbf']);
/** The largest time that a `Date` can have. */
const MAX_SECONDS = 8_640_000_000_000;

export interface ShownToken {
  /** What is in it, whoever made it; empty if it is no token. */
  readonly lines: readonly string[];
  /** Whether a server with these settings takes it; `undefined` if nobody can say, for there is no key. */
  readonly taken: boolean | undefined;
  /** The same as a sentence, with the reason. */
  readonly sentence: string;
}

/**
 * Reads a token, and checks it with the server's own code.
 *
 * @throws ConfigError if the key to check with will not do
 */
export async function showToken(token: string, settings: TokenSettings): Promise<ShownToken> {
  const lines = linesOf(token);
  if (lines.length === 0)
    return {
      lines,
      taken: false,
      sentence: 'It is no JSON Web Token: that has three parts with dots between them.',
    };
  if (settings.jwtKey === '' && settings.jwtJwksUrl === '')
    return { lines, taken: undefined, sentence: 'Whether it is genuine is not checked: there is no key.' };
  try {
    const services = { clock: systemClock({ unref: true }), log: SILENT };
    const authenticator = await jwtAuthenticator({ ...settings, jwtKey: checkingKey(settings) }, services);
    await authenticator.authenticate({ token, headers: {}, address: '' });
    return { lines, taken: true, sentence: 'The server takes it.' };
  } catch (error) {
    if (!(error instanceof CoscribeError)) throw error;
    return { lines, taken: false, sentence: `The server refuses it: ${error.message}` };
  }
}

function linesOf(token: string): string[] {
  let header: object;
  let claims: JWTPayload;
  try {
    header = decodeProtectedHeader(token);
    claims = decodeJwt(token);
  } catch {
    return [];
  }
  return Object.entries({ ...header, ...claims }).map(
    ([name, value]) => `${name.padEnd(10)} ${shown(name, value)}`,
  );
}

function shown(name: string, value: unknown): string {
  if (TIMES.has(name) && typeof value === 'number' && Math.abs(value) <= MAX_SECONDS)
    return `${value} (${new Date(value * 1000).toISOString()})`;
  if (name === 'access' && typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([pattern, role]) => `${pattern}=${role}`)
      .join(' ');
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '\ufffd') : JSON.stringify(value);
}
