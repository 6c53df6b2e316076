import type { LoadOptions } from '../options/options.js';
import { span } from '../view/words.js';

/** Levels that a search for the limit takes, about. */
const LEVELS = 20;
/** What is compared in the end is read with the token, too; for so long, in milliseconds. */
const COMPARING_MS = 5_000;

/**
 * What is to be said of a token that ends before the run does.
 *
 * @param now milliseconds since the Unix epoch
 * @returns a sentence without the token; `undefined` if it lasts, or does not say how long
 */
export function tokenNote(options: LoadOptions, now: number): string | undefined {
  const expiresAt = options.token === undefined ? undefined : expiryOf(options.token);
  if (expiresAt === undefined) return undefined;
  const { clients, arrivalsPerSecond, warmUpMs, durationMs, find } = options;
  const measureMs = find === undefined ? durationMs : LEVELS * find.levelMs;
  const planned = (1_000 * clients) / arrivalsPerSecond + warmUpMs + measureMs;
  const left = expiresAt - now;
  if (left > planned + COMPARING_MS) return undefined;
  const again = 'Give one that lasts longer (coscribe token --expires).';
  if (left <= 0) return `The token has expired: servers may refuse everybody. ${again}`;
  const long = `${find === undefined ? '' : 'about '}${span(planned / 1_000)}`;
  return `The token expires in ${span(left / 1_000)}, and the run takes ${long} and some seconds in which everything is compared: from then on servers may refuse everybody. ${again}`;
}

/** The claim `exp` of a JWT (RFC 7519), in milliseconds; `undefined` if it is none, or has none. Nothing else of it is looked at. */
function expiryOf(token: string): number | undefined {
  try {
    const [, payload = ''] = token.split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? 1_000 * exp : undefined;
  } catch {
    return undefined;
  }
}
