import type { Hono } from 'hono';
import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Credentials } from '../../auth/access.js';
import type { Admission } from '../../documents/admitted.js';
import type { Documents } from '../../documents/documents.js';
import type { Management } from '../../documents/management.js';
import { demand } from '../../documents/permissions.js';
import type { Edge } from '../../edge/edge.js';
import { type Call, DOCUMENT, documentOf, type HttpEnv } from '../call.js';
import type { EventFollower } from './event-follower.js';
import { followerOf, parseEventsRequest } from './event-requests.js';
import { EventStreams, type EventStreamsOptions, type Wanted } from './event-streams.js';
import { STREAM_HEADERS } from './refusal-stream.js';
import type { WaitingStream } from './waiting-stream.js';

export interface EventsDeps extends EventStreamsOptions {
  readonly documents: Pick<Documents, 'open' | 'admit' | 'exists' | 'existing' | 'draining'>;
  readonly management: Pick<Management, 'describe'>;
  readonly edge: Edge;
}

/** What writes the body of an answer, until whoever asked for it is gone. */
type Stream = EventFollower | WaitingStream;

/** Adds the event streams of documents; docs/PROTOCOL.md describes them. */
export function addEvents(app: Hono<HttpEnv>, deps: EventsDeps): EventStreams {
  const streams = new EventStreams(deps);
  app.get(`${DOCUMENT}/events`, async (c) => {
    const id = documentOf(c);
    const request = parseEventsRequest(c);
    const credentials = followerOf(c);
    const { admission, isThere } = await admit(id, credentials, deps);
    if (c.req.method !== 'HEAD') {
      const wanted = { id, ...request };
      const open: () => Promise<Stream> = isThere
        ? () => streams.open(wanted, admission)
        : async () => wait(streams, wanted, credentials, deps);
      const stream = await connect(c, admission, deps, open);
      c.set('writer', (response) => stream.begin(response));
    }
    return c.body(null, 200, STREAM_HEADERS);
  });
  return streams;
}

/**
 * Whoever only looks creates nothing. Who might make the document may wait for somebody who does.
 *
 * @throws CoscribeError as `Documents.admit` and `Management.describe`
 */
async function admit(
  id: DocumentId,
  credentials: Credentials,
  { documents, management }: EventsDeps,
): Promise<{ readonly admission: Admission; readonly isThere: boolean }> {
  const admission = await documents.admit(id, credentials);
  const { role } = admission.grant;
  demand(role, 'read');
  if (await documents.exists(id)) return { admission, isThere: true };
  try {
    // Why it is not there.
    await management.describe(credentials, id);
  } catch (thrown) {
    if (toCoscribeError(thrown).code !== 'no-access' || role === 'viewer') throw thrown;
  }
  return { admission, isThere: false };
}

/** A stream that is empty until somebody makes the document. @throws CoscribeError as `WaitingStreams.add` */
function wait(
  streams: EventStreams,
  wanted: Wanted,
  credentials: Credentials,
  deps: EventsDeps,
): WaitingStream {
  return streams.waiting.add(wanted.id, {
    what: wanted.what,
    random: deps.random,
    async follow() {
      const { admission, isThere } = await admit(wanted.id, credentials, deps);
      return isThere ? streams.open({ ...wanted, lastSeen: undefined }, admission) : undefined;
    },
  });
}

/**
 * A stream that leaves when the response is closed, whoever closes it, and counts as a connection until then.
 *
 * @throws CoscribeError `too-many-connections`; as `open`
 */
async function connect(
  c: Call,
  admission: Admission,
  { edge }: EventsDeps,
  open: () => Promise<Stream>,
): Promise<Stream> {
  const { outgoing } = c.env;
  const { counts } = edge;
  const address = edge.countedAs(c.get('client'));
  const { user } = admission.grant.identity;
  let stream: Stream | undefined;
  // Nobody would tell of its end.
  if (outgoing.destroyed) throw new CoscribeError('bad-request', 'the sender is gone');
  try {
    if (address !== undefined) counts.enterAddress(address);
    outgoing.once('close', () => {
      if (address !== undefined) counts.leaveAddress(address);
      counts.leaveUsers(outgoing);
      stream?.leave();
    });
    if (user !== undefined) counts.enterUser(outgoing, user);
  } catch (error) {
    throw toCoscribeError(error);
  }
  stream = await open();
  // It was closed meanwhile.
  if (outgoing.destroyed) stream.leave();
  return stream;
}
