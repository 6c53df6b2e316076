import { type CheckResult, checkStore } from '../../server/storage/check/check-store.js';
import { explain, type Finding } from '../../server/storage/check/findings.js';
import { UnreadableStore } from '../../server/storage/check/unreadable-store.js';
import { openReader, sqliteFileOf } from '../../server/storage/transfer/open-reader.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { forgetAside } from './forget-aside.js';
import { mendingWork } from './mending.js';
import { Progress, wait } from './progress.js';
import { repair, stamp } from './repair.js';

interface VerifyOptions {
  readonly store: string;
  readonly document: string | undefined;
  readonly repair: boolean;
  readonly to: string | undefined;
  readonly quarantine: string | undefined;
  readonly scratch: string | undefined;
  /** A document that was set aside and is not wanted back; `all` for all of them. */
  readonly forget: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runVerify(options: VerifyOptions, io: CommandIo): Promise<number> {
  if (options.forget !== undefined) await forgetAside(options.store, options.forget, io);
  const found = await look(options, io);
  if (options.document !== undefined && found.documents === 0 && found.findings.length === 0)
    throw new CommandError(`There is no document ${options.document}.`);
  const damage = found.findings.filter(({ kind }) => kind !== 'quarantined');
  if (!options.repair || damage.length === 0) {
    report(found, options, io);
    return found.findings.length > 0 ? 1 : 0;
  }
  if (!options.json) report(found, options, io);
  const unreadable = damage.find(({ kind }) => kind === 'file-unreadable' || kind === 'file-unknown');
  if (unreadable !== undefined)
    throw new CommandError(
      `Nothing can be read, so nothing can be repaired, and nothing was changed: ${unreadable.what}.`,
    );
  if (damage.some(({ kind }) => kind === 'index-damaged'))
    throw new CommandError(
      'A damaged index hides rows that are there, so nothing was repaired, and nothing was changed. Run REINDEX SCHEMA coscribe first; then repair what is left.',
    );
  return await mendStore(options, found, io);
}

/** What is in a store, and what is wrong with it. @throws StoreOpenError */
export async function look(
  { store, document, scratch, json }: Pick<VerifyOptions, 'store' | 'document' | 'scratch' | 'json'>,
  io: CommandIo,
): Promise<CheckResult> {
  const { signal } = io;
  const copying = new Progress(io.stderr, 'Copying');
  const checking = new Progress(io.stderr, 'Checking documents');
  try {
    const reader = await openReader(store, {
      signal,
      wait,
      ...(scratch !== undefined && { scratch }),
      onProgress: (done, total) =>
        copying.show(Math.floor(done / 2 ** 20), Math.ceil(total / 2 ** 20), ' MB'),
    });
    try {
      return await checkStore(reader, {
        verify: mendingWork.verify,
        signal,
        ...(document !== undefined && { document }),
        onProgress: ({ done, total }) => checking.show(done, total),
        onFinding: (finding) => {
          checking.end();
          if (!json) io.stdout.write(`${sentence(finding)}\n`);
        },
      });
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (!(error instanceof UnreadableStore)) throw error;
    if (!json) for (const finding of error.findings) io.stdout.write(`${sentence(finding)}\n`);
    return { documents: 0, logRows: 0, snapshots: 0, findings: error.findings, notes: [] };
  } finally {
    checking.end();
  }
}

/** A finding as people read it. */
export function sentence(finding: Finding): string {
  const { document, what, consequence, remedy } = explain(finding);
  return `${document ?? 'The store'}: ${what}.\n  ${consequence}\n  ${remedy}`;
}

function report(
  { documents, logRows, snapshots, findings, notes }: CheckResult,
  { json }: VerifyOptions,
  { stdout }: CommandIo,
): void {
  const setAside = namesAside(findings);
  if (json) {
    const ok = findings.length === 0;
    stdout.write(
      `${JSON.stringify({ ok, documents, logRows, snapshots, setAside, findings: findings.map(explain), notes })}\n`,
    );
    return;
  }
  for (const note of notes) stdout.write(`${note}\n`);
  const looked = `${plural(documents, 'document')}, ${plural(logRows, 'log row')}, ${plural(snapshots, 'snapshot')}`;
  stdout.write(`${looked}: ${verdict(findings)}.\n`);
}

/** What findings come to, for the end of a sentence. */
export function verdict(findings: readonly Finding[]): string {
  const setAside = namesAside(findings).length;
  const damage = findings.length - setAside;
  const aside = `${plural(setAside, 'document')} set aside, which nobody can open`;
  if (damage === 0) return setAside === 0 ? 'everything is whole' : aside;
  return setAside === 0 ? plural(damage, 'finding') : `${plural(damage, 'finding')}, and ${aside}`;
}

/** The documents that an earlier repair has set aside. */
export function namesAside(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ kind, document }) =>
    kind === 'quarantined' && document !== undefined ? [document] : [],
  );
}

export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** After these something is not in the repaired store that was in this one once, or nobody knows. */
const LOST: ReadonlySet<Finding['kind']> = new Set([
  'write-ahead-log-damaged',
  'author-damaged',
  'link-damaged',
  'receipt-damaged',
  'name-damaged',
  'delivery-damaged',
  'webhook-damaged',
  'access-change-damaged',
  'erasing-damaged',
  'entries-missing',
  'migration-unfinished',
]);

async function mendStore(options: VerifyOptions, found: CheckResult, io: CommandIo): Promise<number> {
  const { store, to, json, scratch } = options;
  const now = new Date();
  const place = sqliteFileOf(store) ?? 'coscribe';
  const quarantine = options.quarantine ?? `${place}.quarantine-${stamp(now)}`;
  const repaired = await repair({
    store,
    to,
    quarantine,
    scratch,
    signal: io.signal,
    now,
    onMoved: (moved) => {
      if (json || moved.became !== 'copied') return;
      for (const what of moved.repairs) io.stdout.write(`${moved.id}: ${what}.\n`);
    },
  });
  const gone = found.findings.some(({ kind }) => LOST.has(kind));
  const ok = repaired.setAside.length === 0 && !gone;
  if (json) {
    const findings = found.findings.map(explain);
    const setAside = namesAside(found.findings);
    io.stdout.write(
      `${JSON.stringify({ ok, ...found, setAside, findings, repaired: { ...repaired, quarantine } })}\n`,
    );
    return ok ? 0 : 1;
  }
  const { copied, mended, setAside, damaged } = repaired;
  io.stdout.write(
    `${plural(copied, 'document')} written anew, ${mended} of them mended. The damaged store is ${damaged}.\n`,
  );
  if (setAside.length > 0) io.stdout.write(`Set aside, in ${quarantine}: ${setAside.join(', ')}.\n`);
  for (const note of repaired.notes) io.stdout.write(`${note}\n`);
  if (gone) io.stdout.write(`What is said above to be gone, lost or removed is not in the new store.\n`);
  return ok ? 0 : 1;
}
