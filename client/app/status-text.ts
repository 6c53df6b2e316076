import type { Role } from '../../shared/protocol.js';

/** What the provider knows, as far as the status shows it. */
export interface SavingFacts {
  readonly status: 'connecting' | 'synced' | 'offline' | 'denied' | 'diverged' | 'destroyed';
  readonly unsavedChanges: number;
  /** `false` while the server cannot save. */
  readonly saving: boolean;
  readonly role: Role | undefined;
  /** Whether this page has had the document of the server at any time. */
  readonly everSynced: boolean;
  /** Whether it shows the document, if only as this device has kept it. */
  readonly isHere: boolean;
  /** Whether what is unsaved is kept on this device, and outlasts the page. */
  readonly isKept: boolean;
}

export type StatusKind = 'saved' | 'saving' | 'stuck' | 'connecting' | 'offline' | 'read-only';

export interface StatusText {
  readonly kind: StatusKind;
  /** `Saved`, `Saving`, `Offline` or `Read-only`; the detail follows after a dash. */
  readonly headline: string;
  readonly detail: string;
}

/** What the page says of the text's safety. It never claims more than the provider knows. */
export function statusText(facts: SavingFacts): StatusText {
  const { status, unsavedChanges, isKept } = facts;
  if (status === 'denied' || status === 'diverged' || status === 'destroyed') {
    const detail =
      unsavedChanges > 0 ? unsaved(facts, 'copy them elsewhere') : 'the document is not open here';
    return { kind: 'offline', headline: 'Offline', detail };
  }
  if (status !== 'synced') return offline(facts);
  if (facts.role === 'viewer')
    return { kind: 'read-only', headline: 'Read-only', detail: 'you can read along, but not write' };
  if (!facts.saving) {
    const detail =
      unsavedChanges > 0
        ? `Not saved yet: the server can’t save at the moment; ${isKept ? 'kept on this device' : 'keep this page open'}`
        : 'paused: the server can’t save at the moment; everything so far is saved';
    return { kind: 'stuck', headline: 'Saving', detail };
  }
  if (unsavedChanges > 0) return { kind: 'saving', headline: 'Saving…', detail: '' };
  return { kind: 'saved', headline: 'Saved', detail: '' };
}

function offline(facts: SavingFacts): StatusText {
  const { status, unsavedChanges, everSynced, isHere } = facts;
  if (unsavedChanges > 0)
    return { kind: 'offline', headline: 'Offline', detail: unsaved(facts, 'keep it open') };
  if (status === 'connecting' && !everSynced)
    return { kind: 'connecting', headline: 'Offline', detail: 'connecting…' };
  if (everSynced)
    return { kind: 'offline', headline: 'Offline', detail: 'no unsaved changes; reconnecting…' };
  const detail = isHere
    ? 'no unsaved changes; the text as this device last had it'
    : 'the server doesn’t answer; trying again…';
  return { kind: 'offline', headline: 'Offline', detail };
}

/** @param advice to whoever would lose them with the page */
function unsaved({ unsavedChanges, isKept }: SavingFacts, advice: string): string {
  const count = unsavedChanges === 1 ? '1 unsaved change' : `${unsavedChanges} unsaved changes`;
  return isKept ? `${count}, kept on this device` : `${count}, kept in this page only; ${advice}`;
}
