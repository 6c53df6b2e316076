import type { ProblemKind } from '../messages.js';
import { findingOf, holds, type Findings as Measured, readObjective } from '../options/objective.js';
import type { LoadResult, ObjectiveResult } from '../result.js';
import type { Findings } from './crew.js';

type Verdict = LoadResult['verdict'];

const NOTHING_CHECKED = { documents: 0, clients: 0, freshReads: 0, ackedEdits: 0, characters: 0 };

/**
 * The three sentences that a run is about. What was not looked at is `undefined`, unless it is wrong already: so is all that a
 * document might hold which could not be read again.
 *
 * @param acknowledges whether the servers say when an edit is safe
 */
export function verdictOf(findings: Findings | undefined, acknowledges: boolean): Verdict {
  const problems = findings?.problems ?? [];
  const none = (...kinds: readonly ProblemKind[]): boolean | undefined => {
    if (problems.some(({ kind }) => kinds.includes(kind))) return false;
    const unread = problems.some(({ kind }) => kind === 'unreadable');
    return findings === undefined || unread ? undefined : true;
  };
  return {
    equal: none('differs', 'unfinished'),
    ackedKept: acknowledges ? none('acked-lost', 'gone') : undefined,
    nothingForeign: none('not-typed'),
    problems,
    checked: findings?.checked ?? NOTHING_CHECKED,
  };
}

/** Whether anything is known to be wrong. */
export function isBad({ equal, ackedKept, nothingForeign, problems }: Verdict): boolean {
  return [equal, ackedKept, nothingForeign].includes(false) || problems.length > 0;
}

/** The objectives of `--slo` with what was found. */
export function objectivesOf(slo: readonly string[], measured: Measured): ObjectiveResult[] {
  return slo.map((text) => {
    const objective = readObjective('--slo', text);
    const found = findingOf(objective, measured);
    return { objective: objective.text, held: holds(objective, found), found };
  });
}

/** What has to be known to read the figures right. */
export function notesOf(
  errors: LoadResult['errors'],
  acknowledges: boolean,
  protocol: string,
  generator: string | undefined,
): string[] {
  const notes = generator === undefined ? [] : [generator];
  if (!acknowledges)
    notes.push(
      `${protocol} does not tell clients when an edit is safe, so nothing is known about lost edits that were acknowledged.`,
    );
  const refused = ['too-many-connections', 'connection: HTTP 429 too-many-connections'].some(
    (code) => errors[code] !== undefined,
  );
  if (refused)
    notes.push(
      'Connections were refused because all of them come from one address: start the servers with --max-connections-per-address (and, with tokens, --max-connections-per-user) above the number of clients.',
    );
  return notes;
}

/** `0` passed, `1` something is wrong, `3` the servers or the generators were gone, `130` ended by hand. */
export function exitCodeOf({ outcome }: LoadResult): number {
  return { passed: 0, failed: 1, 'target-lost': 3, interrupted: 130 }[outcome];
}
