import { CoscribeError } from '../../../shared/errors.js';
import type { Credentials } from '../../auth/access.js';
import type { Followed } from '../../copies/copies.js';
import { asker, type Call } from '../call.js';
import { queryOf } from '../query.js';
import { rootOf } from '../roots.js';
import { type LastSeen, parseEventId } from './events.js';

/** What a request for an event stream asks for. */
export interface EventsRequest {
  readonly what: Followed;
  readonly presence: boolean;
  readonly lastSeen: LastSeen | undefined;
}

const PARAMETERS = ['root', 'as', 'presence', 'token', 'lastEventId'] as const;

/** @throws CoscribeError `bad-request` */
export function parseEventsRequest(c: Call): EventsRequest {
  const { as = 'text', presence = 'no', lastEventId, ...query } = queryOf(c, PARAMETERS);
  if (as !== 'text' && as !== 'json') throw new CoscribeError('bad-request', '"as" is "text" or "json"');
  if (presence !== 'yes' && presence !== 'no')
    throw new CoscribeError('bad-request', '"presence" is "yes" or "no"');
  const all = as === 'json' && query.root === undefined;
  // An `EventSource` that comes back has the address that it began with, and the newer id in the header.
  const id = c.req.header('Last-Event-ID') ?? lastEventId ?? '';
  return {
    what: all ? { as } : { as, root: rootOf(query) },
    presence: presence === 'yes',
    lastSeen: parseEventId(id),
  };
}

/**
 * What the sender shows in order to be let in. An `EventSource` can send no header of its own, so that here, and nowhere else,
 * a token in the address counts. It does not get into any log of ours.
 */
export function followerOf(c: Call): Credentials {
  const credentials = asker(c);
  const { token } = queryOf(c, PARAMETERS);
  return token === undefined || token === '' || credentials.token !== undefined
    ? credentials
    : { ...credentials, token };
}
