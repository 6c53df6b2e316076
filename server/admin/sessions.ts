import type { AdminSession } from '../../shared/admin.js';
import { CoscribeError } from '../../shared/errors.js';
import type { LiveDocument } from '../documents/live-document.js';
import type { Session } from '../documents/session.js';
import type { SessionsHere } from './node-messages.js';

/** How many sessions of a document a node tells of. */
const MOST = 500;

type Documents = Iterable<Pick<LiveDocument, 'id' | 'eachSession' | 'tailBytes'>>;

/** Whom a node has in a document: people and followers, not what the server itself does there. */
export function sessionsIn(documents: Documents, id: string, node: string): SessionsHere {
  const sessions: AdminSession[] = [];
  let tailBytes: number | undefined;
  let more = 0;
  for (const document of documents) {
    if (document.id !== id) continue;
    tailBytes = document.tailBytes;
    document.eachSession((session) => {
      const shown = shownSession(session, node);
      if (shown === undefined) return;
      if (sessions.length < MOST) sessions.push(shown);
      else more++;
    });
  }
  const found = { sessions, more };
  return tailBytes === undefined ? { open: false, ...found } : { open: true, tailBytes, ...found };
}

/**
 * Throws somebody out of a document. Nothing keeps him from coming back but his rights; our own client does so when it is told to.
 *
 * @param number of the session on this node
 * @returns `false` if there is no such session
 */
export function endSession(documents: Documents, number: string): boolean {
  const found: Session[] = [];
  for (const document of documents)
    document.eachSession((session) => {
      if (session.id === number && session.protocol !== undefined) found.push(session);
    });
  for (const session of found)
    session.close(new CoscribeError('no-access', 'an operator ended the session'), -1);
  return found.length > 0;
}

function shownSession(session: Session, node: string): AdminSession | undefined {
  const { protocol, since, role, admission } = session;
  if (protocol === undefined) return undefined;
  const { identity, link } = admission.grant;
  const user = identity.user ?? identity.name ?? (link === undefined ? '' : `link ${link}`);
  const address = admission.address ?? '';
  return { id: `${node}.${session.id}`, node, user, role, protocol, address, since };
}
