import type { Audit, AuditAction, AuditFacts } from './audit.js';
import type { Log } from './log.js';

const SENTENCES: Readonly<Record<AuditAction, string>> = {
  'document-created': 'a document was created',
  'document-deleted': 'a document was deleted',
  'document-restored': 'a deleted document was restored',
  'document-moved': 'a document was given another name',
  'link-made': 'a share link was made',
  'link-revoked': 'a share link was revoked',
  'access-changed': 'the application changed who may do what in a document',
  'tokens-revoked': 'tokens were revoked',
  'session-ended': 'an operator ended a session',
  'node-drained': 'an operator sent the clients of a node to others',
  'node-resumed': 'an operator had a node take clients again',
  'document-compacted': 'an operator had the log of a document merged',
  'document-verified': 'an operator had a document verified',
  'document-exported': 'an operator exported a document',
};

/** Writes the record into the log, as lines that have the field `audit`. */
export class AuditLog implements Audit {
  constructor(private readonly log: Log) {}

  record(action: AuditAction, facts: AuditFacts): void {
    this.log.info({ audit: action, ...facts }, SENTENCES[action]);
  }
}
