/** What is written down so that one can tell later who did it. docs/OPERATIONS.md has the table. */
export type AuditAction =
  | 'document-created'
  | 'document-deleted'
  | 'document-restored'
  | 'document-moved'
  | 'link-made'
  | 'link-revoked'
  | 'access-changed'
  | 'tokens-revoked'
  | 'session-ended'
  | 'node-drained'
  | 'node-resumed'
  | 'document-compacted'
  | 'document-verified'
  | 'document-exported';

/** Whoever did something, as far as one knows. */
export interface Actor {
  readonly user?: string;
  /** Name of the share link that he came with. */
  readonly byLink?: string;
  /** Where the request came from; absent for what the application itself does. */
  readonly address?: string;
}

/** Nothing secret and nothing of a document's content belongs here. */
export interface AuditFacts extends Actor {
  readonly document?: string;
  /** What the document is called now. */
  readonly movedTo?: string;
  /** Name of the share link that was made or revoked, what it lets do, and until when (ISO 8601). */
  readonly link?: string;
  readonly role?: string;
  readonly expiresAt?: string;
  /** Whose tokens were revoked, or which one. */
  readonly revokedUser?: string;
  readonly revokedToken?: string;
  /** Of what operators do: which session, of which node; or which node. */
  readonly session?: string;
  readonly node?: string;
}

/** Keeps a record of what was done. `audit-log.ts` is the implementation that runs. */
export interface Audit {
  record(action: AuditAction, facts: AuditFacts): void;
}
