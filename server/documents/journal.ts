import type { DocumentServices } from './services.js';
import type { Session } from './session.js';

type JournalServices = Pick<DocumentServices, 'log' | 'bus' | 'clock'>;

/** Somebody is let into a document. @param ms how long that took */
export function tellJoined(services: JournalServices, session: Session, ms: number): void {
  services.log.debug({ ...facts(services, session), ms: Math.round(ms) }, 'somebody came into a document');
}

/** Somebody who was in a document is so no more. */
export function tellLeft(services: JournalServices, session: Session): void {
  const seconds = Math.round((services.clock.wall() - session.since) / 1000);
  const { endedFor: code } = session;
  services.log.debug(
    { ...facts(services, session), seconds, ...(code !== undefined && { code }) },
    'somebody left a document',
  );
}

/** What names a session in the log: as operators see it. */
function facts({ bus }: JournalServices, { id, document, role, protocol, admission }: Session) {
  return { session: `${bus.node}.${id}`, document, user: admission.grant.identity.user, role, protocol };
}
