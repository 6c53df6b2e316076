import { CoscribeError } from '../../shared/errors.js';
import type { Credentials } from '../auth/access.js';
import { asker, type Call } from './call.js';

/**
 * Who asks for what is for operators. A page of an origin that is allowed only as one of all (`*`) has to bring a token:
 * otherwise, on a server that lets everybody in, whatever page somebody looks at could send its clients away and read their
 * addresses.
 *
 * @throws CoscribeError `unauthenticated`
 */
export function operatorAsker(c: Call): Credentials {
  const credentials = asker(c);
  if (c.get('source') === 'any' && credentials.token === undefined)
    throw new CoscribeError('unauthenticated', 'pages of other origins bring a token');
  return credentials;
}
