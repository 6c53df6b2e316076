import type { OwnedLink } from '../documents/link-management.js';
import type { MadeLink } from '../documents/management.js';
import type { StoredLink } from '../storage/access-store.js';

/** A link as the API shows it to owners of its document. Times are ISO 8601, UTC. */
export interface ShownLink {
  readonly id: string;
  readonly role: string;
  readonly label: string;
  readonly createdAt: string;
  /** Absent if it does not expire. */
  readonly expiresAt?: string;
}

export function shownLink({ id, role, label, createdAt, expiresAt }: StoredLink): ShownLink {
  const until = expiresAt === undefined ? {} : { expiresAt: isoTime(expiresAt) };
  return { id, role, label, createdAt: isoTime(createdAt), ...until };
}

/** In a list; `current` is the one that the request came with. */
export function listedLink(link: OwnedLink): ShownLink & { readonly current: boolean } {
  return { ...shownLink(link), current: link.current };
}

/** A new one, with what is told only this once: its token, and the page that it opens. */
export function newLink({ token, stored }: MadeLink): ShownLink & {
  readonly token: string;
  readonly path: string;
} {
  return { ...shownLink(stored), token, path: `/d/${stored.document}#${token}` };
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
