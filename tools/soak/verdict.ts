import { CoscribeProvider } from '../../client/provider.js';
import { residentBytes } from '../services/memory.js';
import { addressFor, type Crowd, type Member } from './crowd.js';
import type { NodeLogs } from './node-logs.js';
import type { Stage } from './stage.js';

/** All has to be well again so long after the fault is over, in milliseconds. */
export const WITHIN_MS = 10_000;
/** How long it is watched all the same, to tell what is late from what never comes. */
export const WATCH_MS = 60_000;
const LOOK_EVERY_MS = 20;
const MOST_TOLD = 20;
/** Far above what a node needs for these documents; one that gathers what it cannot send passes it. */
const MOST_BYTES = 512 * 2 ** 20;

export interface Verdict {
  /** From the end of the fault until all was well; `undefined` if it never was. */
  readonly convergedMs: number | undefined;
  /** Of the node that has most. */
  readonly residentBytes: number;
  /** Edits that were confirmed since the last verdict. */
  readonly acked: number;
  readonly problems: readonly string[];
}

export interface Case {
  readonly stage: Stage;
  readonly crowd: Crowd;
  readonly logs: NodeLogs;
  /** When the fault was over, by `performance.now()`. */
  readonly healedAt: number;
  /** What nodes may complain about. */
  readonly expected: readonly RegExp[];
  readonly watchMs: number;
  /** Within which time all has to be well. */
  readonly withinMs: number;
}

/**
 * What came of a fault that is over, once nobody types any more: every confirmed edit on every replica and in the store,
 * all texts equal, those of clients that come now included, nothing that nobody typed, nothing that is not confirmed in
 * the end, no process that ended by itself, no complaint that was not to be expected, memory within bounds.
 */
export async function judge(facts: Case): Promise<Verdict> {
  const { stage, crowd, logs, healedAt, expected, watchMs, withinMs } = facts;
  const problems = await checkStore(stage, crowd);
  let late: string[] = [];
  let convergedMs: number | undefined;
  while (convergedMs === undefined && performance.now() - healedAt < watchMs) {
    late = differences(crowd);
    if (late.length === 0) late = await freshDifferences(stage, crowd);
    if (late.length === 0) convergedMs = performance.now() - healedAt;
    else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  if (convergedMs === undefined) problems.push(`not well after ${watchMs} ms:`, ...late.slice(0, MOST_TOLD));
  else if (convergedMs > withinMs) problems.push(`well only after ${Math.round(convergedMs)} ms`);

  const { acked } = crowd;
  for (const document of crowd.documents) {
    const ledger = crowd.ledger(document);
    const text = textOf(crowd.of(document)[0]);
    problems.push(...ledger.check(text, ledger.confirmed()).map((problem) => `${document}: ${problem}`));
    if (problems.length === 0) ledger.settle(text);
  }
  stage.lookForMishaps();
  problems.push(...stage.mishaps.splice(0), ...crowd.mishaps.splice(0), ...logs.unexpected(expected));
  const sizes = stage.nodes.map(({ pid }) => residentBytes(pid) ?? 0);
  const most = Math.max(...sizes);
  if (most > MOST_BYTES) problems.push(`a node has ${Math.round(most / 2 ** 20)} MiB in memory`);
  return { convergedMs, residentBytes: most, acked, problems };
}

/** What was confirmed until now is in the store now, whoever is still away. */
async function checkStore(stage: Stage, crowd: Crowd): Promise<string[]> {
  const problems: string[] = [];
  for (const document of crowd.documents) {
    const ledger = crowd.ledger(document);
    const confirmed = ledger.confirmed();
    try {
      const text = await stage.reader.text(document);
      problems.push(
        ...ledger.check(text, confirmed).map((problem) => `${document}, in the store at once: ${problem}`),
      );
    } catch {
      // A store that is not there yet is looked at again when all is well.
    }
  }
  return problems;
}

/** Who has not got everything, or not delivered it. Thousands are looked at: texts last. */
function differences(crowd: Crowd): string[] {
  const away = crowd.members.filter(({ provider }) => !provider.synced || provider.unsavedChanges > 0);
  if (away.length > 0) return away.map(describe);
  for (const document of crowd.documents) {
    const [first, ...others] = crowd.of(document);
    const text = textOf(first);
    const different = others.filter((member) => textOf(member) !== text);
    if (different.length > 0) return different.map((member) => `${describe(member)}, another text`);
  }
  return [];
}

function describe({ document, name, provider }: Member): string {
  const { status, unsavedChanges, error } = provider;
  const why = error === undefined ? '' : `, ${error.code}: ${error.message}`;
  return `${document}, ${name}: ${status}, ${unsavedChanges} unsaved${why}`;
}

function textOf(member: Member | undefined): string {
  return member?.provider.doc.getText('text').toString() ?? '';
}

/** What clients that come now get, and what is in the store. */
async function freshDifferences(stage: Stage, crowd: Crowd): Promise<string[]> {
  const addresses = [...stage.nodes.map(({ url }) => url), stage.proxy.url];
  const looks = crowd.documents.flatMap((document) => {
    const text = textOf(crowd.of(document)[0]);
    const fresh = addresses.map(async (url) => {
      const found = await freshText(url, document);
      if (found === text) return [];
      return [`${document}, fresh from ${url}: ${found === undefined ? 'not synced' : 'another text'}`];
    });
    const stored = stage.reader.text(document).then(
      (found) => (found === text ? [] : [`${document}, in the store: another text`]),
      (error: Error) => [`${document}, in the store: ${error.message}`],
    );
    return [...fresh, stored];
  });
  return (await Promise.all(looks)).flat();
}

/** What a client without anything gets; `undefined` if it is not synced in time. */
function freshText(url: string, document: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const provider = new CoscribeProvider({ url: addressFor(url), document });
    const done = (text: string | undefined) => {
      clearTimeout(timer);
      provider.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => done(undefined), WITHIN_MS);
    provider.on('change', () => {
      if (provider.synced) done(provider.doc.getText('text').toString());
    });
  });
}
