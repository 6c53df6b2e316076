import { colorFor, parseName } from '../../shared/presence-user.js';
import type { JoinedUser } from '../../shared/protocol.js';

/** Longest colour, in characters. */
const MAX_COLOR_LENGTH = 128;

const FUNCTION = '(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)';
const ARGUMENTS = '[\\w .,%/+#-]';
/** `#…`, a name, or a function of CSS that makes a colour, of others too: nothing that ends a declaration or loads anything. */
const CSS_COLOR = new RegExp(
  `^(?:#[\\da-f]{3,8}|[a-z]{3,32}|${FUNCTION}\\((?:${FUNCTION}\\(${ARGUMENTS}*\\)|${ARGUMENTS})*\\))$`,
  'i',
);

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

function isCssColor(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_COLOR_LENGTH && CSS_COLOR.test(value);
}
