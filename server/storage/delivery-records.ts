import type { DeliveryLease, WantedDelivery } from './delivery-store.js';

/** How a hook and a document stand. */
export interface DeliveryRecord {
  /** Last `seq` that was told. */
  readonly told: number;
  /** Last `seq` of what was claimed, if that is more than `told`. */
  readonly target: number;
  /** Until when the claim belongs to its owner. */
  readonly until: number;
  /** Whether the owner is who asks now. */
  readonly own: boolean;
}

/** The facts about a document that decide what is due. */
export interface DueFacts {
  readonly generation: string;
  readonly head: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The first `seq` in the log that was committed at this time or later, if there is one. */
  firstSince(time: number): number | undefined;
}

/** What comes next: changes after `told` up to `to`. */
export interface NextDelivery {
  readonly told: number;
  readonly to: number;
}

/** The next delivery, when it is free, or `undefined` if nothing is due. */
export function nextDelivery(
  record: DeliveryRecord | undefined,
  facts: DueFacts,
  { since, commit, upTo = facts.head }: { readonly since: number } & Omit<WantedDelivery, 'id'>,
  lease: DeliveryLease,
): NextDelivery | { readonly heldUntil: number } | undefined {
  if (record !== undefined && record.until > lease.now && !record.own) return { heldUntil: record.until };
  const told = record?.told ?? toldSoFar(facts, since, commit);
  const to = Math.min(upTo, record !== undefined && record.target > told ? record.target : facts.head);
  return to > told ? { told, to } : undefined;
}

/** What counts as told of a document that the hook was told nothing about. */
function toldSoFar(facts: DueFacts, since: number, commit: WantedDelivery['commit']): number {
  const byTime = toldByTime(facts, since);
  return commit?.generation === facts.generation ? Math.min(byTime, commit.from - 1) : byTime;
}

function toldByTime(facts: DueFacts, since: number): number {
  if (facts.createdAt >= since) return 0;
  if (facts.updatedAt < since) return facts.head;
  // If even that row was trimmed, the last change stands for all of them.
  return Math.max(0, (facts.firstSince(since) ?? facts.head) - 1);
}

/** The minute by which documents are found. */
export function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}

/** Each author once, in the order given. */
export function once(authors: Iterable<string>): readonly string[] {
  return [...new Set(authors)];
}
