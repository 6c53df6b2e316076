import { basename } from 'node:path';
import { connectTo } from '../../client/socket-io-channel.js';
import { CoscribeError } from '../../shared/errors.js';
import { systemClock } from '../../shared/time.js';
import { UsageError } from '../usage-error.js';
import { difference } from './compare.js';
import { type ReplayOptions, readOptions, USAGE } from './options.js';
import { OwnServer } from './own-server.js';
import { NotEmptyError, type Played, play } from './play.js';
import { ProgressLine } from './progress-line.js';
import { readContent } from './read-content.js';
import { readTrace, type Trace, TraceError } from './trace.js';
import { StalledError, UnreachableError } from './waiting.js';

const INTERRUPTED = Symbol('interrupted');
const clock = systemClock();

/** @returns the exit code */
async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) {
    print(USAGE);
    return 0;
  }
  const trace = await readTrace(options.trace);
  signal.throwIfAborted();
  const server = options.url === undefined ? await OwnServer.start() : undefined;
  try {
    return await replay(trace, options, options.url ?? server?.url ?? '', server, signal);
  } finally {
    await server?.remove();
  }
}

async function replay(
  trace: Trace,
  { trace: file, speed, document }: ReplayOptions,
  url: string,
  server: OwnServer | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { length } = trace.transactions;
  print(
    `${basename(file)}: ${length} transactions by ${trace.authors} author${trace.authors > 1 ? 's' : ''}`,
  );
  print(`document  ${document} on ${url}`);
  const progress = new ProgressLine(process.stderr, clock);
  let played: Played;
  try {
    const onProgress = progress.show.bind(progress);
    played = await play(trace, { connect: connectTo(url), document, speed, clock, signal, onProgress });
  } finally {
    progress.end();
  }
  await server?.restart();
  const stored = await readContent(connectTo(server?.url ?? url), document, clock, signal);
  summarize(length, played);
  return judge(trace.endContent, new Map([...played.contents, ['the store', stored]]), server !== undefined);
}

function summarize(transactions: number, { elapsedMs, rows, counters }: Played): void {
  const { latencies, messages, bytes } = counters;
  const seconds = elapsedMs / 1000;
  print(`time      ${seconds.toFixed(2)} s, ${Math.round(transactions / seconds)} transactions/s`);
  print(`sent      ${bytes} bytes of updates in ${messages} messages`);
  print(`log       ${rows} rows`);
  print(
    `ack       p50 ${latencies.quantile(0.5).toFixed(1)} ms, p99 ${latencies.quantile(0.99).toFixed(1)} ms`,
  );
}

function judge(expected: string, contents: ReadonlyMap<string, string>, restarted: boolean): number {
  let code = 0;
  for (const [name, content] of contents) {
    const found = difference(content, expected);
    if (found === undefined) continue;
    process.stderr.write(`The text of ${name} ${found}.\n`);
    code = 1;
  }
  if (code === 0) {
    const where = `${contents.size - 1} clients and in the store`;
    print(`text      ${Array.from(expected).length} characters, equal to endContent on ${where}`);
    print(`          (read by a fresh client${restarted ? ' after the server was restarted' : ''})`);
  }
  return code;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What ended the replay, as a sentence with its exit code. */
function problem(error: unknown): readonly [code: number, sentence: string] {
  if (error === INTERRUPTED) return [130, 'Interrupted.'];
  if (error instanceof NotEmptyError)
    return [2, 'The document is not empty; name another one with --document.'];
  if (
    error instanceof UsageError ||
    error instanceof TraceError ||
    error instanceof UnreachableError ||
    error instanceof CoscribeError
  ) {
    return [2, error.message];
  }
  if (error instanceof StalledError) return [1, error.message];
  return [1, error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interruption.abort(INTERRUPTED));
}
main(process.argv.slice(2), interruption.signal).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const [code, sentence] = problem(interruption.signal.aborted ? INTERRUPTED : error);
    process.stderr.write(`${sentence}\n`);
    process.exit(code);
  },
);
