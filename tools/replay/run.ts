import { basename } from 'node:path';
import { connectTo } from '../../client/socket-io-channel.js';
import { CoscribeError } from '../../shared/errors.js';
import { systemClock } from '../../shared/time.js';
import { difference } from './compare.js';
import { type ReplayOptions, readOptions } from './options.js';
import { OwnServer } from './own-server.js';
import { NotEmptyError, type Played, play } from './play.js';
import { ProgressLine } from './progress-line.js';
import { readContent } from './read-content.js';
import { readTrace, type Trace, TraceError } from './trace.js';
import { StalledError, UnreachableError } from './waiting.js';

const clock = systemClock();

/** Where a replay is told about, and what ends it early. */
export interface ReplayIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly signal: AbortSignal;
}

/**
 * Plays a recording and compares what everybody has with what it ends with.
 *
 * @returns the exit code: 0 all is equal, 1 something is not, or the server stopped answering, 2 it could not begin
 * @throws UsageError; the reason of the signal once that is aborted
 */
export async function runReplay(argv: readonly string[], io: ReplayIo): Promise<number> {
  const options = readOptions(argv);
  const { signal } = io;
  try {
    const trace = await readTrace(options.trace);
    signal.throwIfAborted();
    const server = options.url === undefined ? await OwnServer.start() : undefined;
    try {
      return await replay(trace, options, options.url ?? server?.url ?? '', server, io);
    } finally {
      await server?.remove();
    }
  } catch (error) {
    signal.throwIfAborted();
    const known = problem(error);
    if (known === undefined) throw error;
    const [code, sentence] = known;
    io.stderr.write(`${sentence}\n`);
    return code;
  }
}

async function replay(
  trace: Trace,
  { trace: file, speed, document }: ReplayOptions,
  url: string,
  server: OwnServer | undefined,
  { stdout, stderr, signal }: ReplayIo,
): Promise<number> {
  const print = (line: string): void => {
    stdout.write(`${line}\n`);
  };
  const { length } = trace.transactions;
  print(
    `${basename(file)}: ${length} transactions by ${trace.authors} author${trace.authors > 1 ? 's' : ''}`,
  );
  print(`document  ${document} on ${url}`);
  const progress = new ProgressLine(stderr, clock);
  let played: Played;
  try {
    const onProgress = progress.show.bind(progress);
    played = await play(trace, { connect: connectTo(url), document, speed, clock, signal, onProgress });
  } finally {
    progress.end();
  }
  await server?.restart();
  const stored = await readContent(connectTo(server?.url ?? url), document, clock, signal);
  for (const line of summary(length, played)) print(line);
  const contents = new Map([...played.contents, ['the store', stored]]);
  const differences = differencesIn(contents, trace.endContent);
  for (const sentence of differences) stderr.write(`${sentence}\n`);
  if (differences.length > 0) return 1;
  const where = `${contents.size - 1} clients and in the store`;
  print(`text      ${Array.from(trace.endContent).length} characters, equal to endContent on ${where}`);
  print(`          (read by a fresh client${server === undefined ? '' : ' after the server was restarted'})`);
  return 0;
}

function summary(transactions: number, { elapsedMs, rows, counters }: Played): string[] {
  const { latencies, messages, bytes } = counters;
  const seconds = elapsedMs / 1000;
  return [
    `time      ${seconds.toFixed(2)} s, ${Math.round(transactions / seconds)} transactions/s`,
    `sent      ${bytes} bytes of updates in ${messages} messages`,
    `log       ${rows} rows`,
    `ack       p50 ${latencies.quantile(0.5).toFixed(1)} ms, p99 ${latencies.quantile(0.99).toFixed(1)} ms`,
  ];
}

function differencesIn(contents: ReadonlyMap<string, string>, expected: string): string[] {
  const sentences: string[] = [];
  for (const [name, content] of contents) {
    const found = difference(content, expected);
    if (found !== undefined) sentences.push(`The text of ${name} ${found}.`);
  }
  return sentences;
}

/** What ended the replay, as a sentence with its exit code; `undefined` for what nobody foresaw. */
function problem(error: unknown): readonly [code: number, sentence: string] | undefined {
  if (error instanceof NotEmptyError)
    return [2, 'The document is not empty; name another one with --document.'];
  if (error instanceof TraceError || error instanceof UnreachableError || error instanceof CoscribeError)
    return [2, error.message];
  return error instanceof StalledError ? [1, error.message] : undefined;
}
