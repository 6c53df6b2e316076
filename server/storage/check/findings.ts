import type { Migration } from '../unfinished.js';

/** What can be wrong with a store. */
export type FindingKind = keyof typeof MEANINGS;

interface Meaning {
  /** What follows from it for people. */
  readonly consequence: string;
  /** What `--repair` does about it. */
  readonly remedy: string;
}

const QUARANTINE =
  'Restore the document from a backup, or let --repair set it aside: its bytes are exported, and the others work on.';
const FROM_LOG = '--repair makes it again out of the log.';
const DROP = '--repair removes it.';
const RECOUNT = '--repair counts again; what is gone is only in a backup.';

/** What each finding means, and what can be done. docs/OPERATIONS.md has the same table. */
export const MEANINGS = {
  'file-unreadable': {
    consequence: 'Nothing in the store can be read.',
    remedy: 'Restore the file from a backup.',
  },
  'file-unknown': {
    consequence: 'It is of another program, of another version of this one, or what says so is damaged.',
    remedy: 'Use the program that wrote it. If that was this one, restore the file from a backup.',
  },
  'pages-damaged': {
    consequence: 'Rows on these pages, or ways to find them, are lost.',
    remedy: '--repair writes everything that can still be read into a new file.',
  },
  'write-ahead-log-damaged': {
    consequence:
      'Edits after the damaged place are lost, unless the machine lost power while they were written: then they were never confirmed.',
    remedy:
      'Restore the file and its -wal from a backup if there is a later one. --repair goes on with what can be read.',
  },
  'tables-damaged': {
    consequence: 'The server may not start, or no longer notice damage.',
    remedy: '--repair writes everything into a new file with the right tables.',
  },
  'index-damaged': {
    consequence: 'Rows are not found by it, or wrong ones are.',
    remedy: 'Stop all nodes and run REINDEX SCHEMA coscribe; then check again.',
  },
  'migration-unfinished': {
    consequence:
      'No server starts with it: documents that have not come would be begun anew, empty, by whoever opens them.',
    remedy:
      'Give the coscribe migrate again that was interrupted. --repair makes a store out of what has come.',
  },
  'record-missing': {
    consequence:
      'The document is gone, and whoever opens it begins an empty one; what it had is still there.',
    remedy:
      'Restore the document from a backup. --repair exports what is left of it, and names it by its number: its name is not known.',
  },
  'record-damaged': { consequence: 'The document cannot be opened.', remedy: QUARANTINE },
  'record-contradicts': {
    consequence: 'The document cannot be opened.',
    remedy: `${FROM_LOG} Otherwise: ${QUARANTINE}`,
  },
  'times-wrong': {
    consequence: 'The document stands in the wrong place of lists.',
    remedy: '--repair derives it again.',
  },
  'log-row-missing': {
    consequence: 'The document cannot be opened, or those who were away for a while cannot catch up.',
    remedy: `If the snapshot has the row's edits, --repair drops the log up to it. Otherwise: ${QUARANTINE}`,
  },
  'log-row-damaged': {
    consequence: 'The document cannot be opened, or those who were away for a while cannot catch up.',
    remedy: `If the snapshot has the row's edits, --repair drops the log up to it. Otherwise: ${QUARANTINE}`,
  },
  'log-row-beyond-head': {
    consequence: 'The next edit of the document is refused.',
    remedy: '--repair takes it into the log if it is whole, and removes it otherwise.',
  },
  'log-does-not-load': {
    consequence: 'Whoever opens the document gets another text, or none.',
    remedy: QUARANTINE,
  },
  'snapshot-missing': {
    consequence: 'The document cannot be opened.',
    remedy: `If the log reaches back to its beginning, --repair goes on without the snapshot. Otherwise: ${QUARANTINE}`,
  },
  'snapshot-damaged': {
    consequence: 'The document cannot be opened.',
    remedy: `If the log reaches back to its beginning, --repair goes on without the snapshot. Otherwise: ${QUARANTINE}`,
  },
  'snapshot-does-not-load': {
    consequence: 'Whoever opens the document gets nothing.',
    remedy: `If the log reaches back to its beginning, --repair goes on without the snapshot. Otherwise: ${QUARANTINE}`,
  },
  'snapshot-contradicts-log': {
    consequence: 'The document has another text than was typed.',
    remedy: `If the log reaches back to its beginning, --repair goes on without the snapshot. Otherwise: ${QUARANTINE}`,
  },
  'index-wrong': {
    consequence: 'Edits may be refused that are right, or let in that are not.',
    remedy: '--repair makes the index again out of the snapshot.',
  },
  'author-damaged': {
    consequence: 'Whoever writes under this clientID is refused.',
    remedy:
      '--repair takes the author from the log, where it has a row of that clientID, and otherwise forgets it.',
  },
  'link-damaged': {
    consequence: 'The link opens nothing, and cannot be listed.',
    remedy: `${DROP} Make a new one.`,
  },
  'receipt-damaged': {
    consequence: 'Whoever repeats the request that it belongs to is refused.',
    remedy: DROP,
  },
  'name-damaged': { consequence: 'An earlier name leads nowhere, or to another document.', remedy: DROP },
  'delivery-damaged': {
    consequence: 'A webhook is told of changes twice, or not of some.',
    remedy: `${DROP} The webhook is told of the document's last changes again.`,
  },
  'webhook-damaged': {
    consequence: 'A webhook is told of changes twice, or not of some.',
    remedy: `${DROP} The server makes it known again with its next start: from then on changes are told.`,
  },
  'access-change-damaged': {
    consequence: 'A token that was voided may be good again, or people of this user are refused.',
    remedy: `${DROP} Void the tokens again.`,
  },
  'erasing-damaged': {
    consequence: 'What is left of an erased document stays in the store, or another document is erased.',
    remedy: DROP,
  },
  'left-over': { consequence: 'It takes room, and nobody will ever read it.', remedy: DROP },
  quarantined: {
    consequence: 'It was set aside by an earlier --repair, and cannot be opened.',
    remedy:
      'Bring it back from a backup: coscribe migrate --from BACKUP --to STORE --merge --document ID. If nobody wants it back, coscribe verify --store STORE --forget ID frees its name.',
  },
  'entries-missing': {
    consequence: 'Something is gone from this table, or was added to it, and nothing else tells what.',
    remedy: RECOUNT,
  },
} as const satisfies Readonly<Record<string, Meaning>>;

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  /** In which document, if in one. */
  readonly document?: string;
  /** What and where, as a sentence without a full stop: `log row 7 is missing`. */
  readonly what: string;
}

/** A finding with what it means, as `--json` has it. */
export interface ExplainedFinding extends Finding {
  readonly consequence: string;
  readonly remedy: string;
}

export function explain(finding: Finding): ExplainedFinding {
  return { ...finding, ...MEANINGS[finding.kind] };
}

/** Before the generation of a document that was set aside; its checksum is wrong on purpose, so that nothing opens it. */
export const QUARANTINE_MARK = 'quarantined:';

/** That not everything has come that is being written into the store. */
export function unfinishedFinding({ source }: Migration): Finding {
  return {
    kind: 'migration-unfinished',
    what: `documents are being moved into it from ${source}, and not all of them have come`,
  };
}
