import { colorFor, parseName } from '../../shared/presence-user.js';
import type { JoinedUser } from '../../shared/protocol.js';
import { isCssColor } from './css-color.js';

/**
 * What a state says of the person, as it may be shown: editors write the name on the page, and the colours into a style. A name is
 * one clean line, a colour is one of CSS, or else the client's own; whatever else an application says, in whatever form, is its own
 * affair.
 *
 * @param shownAs stands for what the client says
 */
export function cleanUser(said: unknown, clientId: number, shownAs: JoinedUser | undefined): unknown {
  const isRecord = typeof said === 'object' && said !== null && !Array.isArray(said);
  if (!isRecord) return shownAs === undefined ? said : { ...shownAs };
  const user: Record<string, unknown> = { ...said, ...shownAs };
  if (typeof user.name === 'string') user.name = parseName(user.name);
  if ('color' in user && !isCssColor(user.color)) user.color = colorFor(clientId);
  // Where it is missing, editors take the colour.
  if ('colorLight' in user && !isCssColor(user.colorLight)) delete user.colorLight;
  return user;
}
