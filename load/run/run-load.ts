import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../shared/time.js';
import { startFaults, unavailable } from '../faults/faults.js';
import { PROTOCOLS } from '../generator/protocols.js';
import type { Generator } from '../messages.js';
import { NodeWatch } from '../nodes/node-watch.js';
import type { LoadOptions } from '../options/options.js';
import { writeWhole } from '../report/write-whole.js';
import type { FaultRecord, LoadResult } from '../result.js';
import type { Output } from '../view/screen.js';
import { verdictLines } from '../view/verdict-view.js';
import { runCourse } from './course.js';
import { CouldNotBegin } from './course-types.js';
import { dealPlans } from './deal.js';
import { GeneratorWatch } from './generator-watch.js';
import { ENTRANCES } from './hints.js';
import { LiveView } from './live-view.js';
import { makeResult } from './make-result.js';
import { overLines } from './over-lines.js';
import { reachAll } from './reach.js';
import { type Servers, startServers } from './start-servers.js';
import { tokenNote } from './token-life.js';
import { exitCodeOf } from './verdict.js';

export interface LoadSetup {
  readonly options: LoadOptions;
  /** For what the servers that are started keep; somebody else removes it. */
  readonly folder: string;
  readonly output: Output;
  /** Aborted when it is to end with what is known by then. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  startGenerator(): Generator;
  writeReport(result: LoadResult, file: string): Promise<void>;
  /** Tells what goes wrong besides what is measured. */
  complain(sentence: string): void;
}

/** Exit code if all is well but a file that could not be written. */
const NOT_WRITTEN = 1;

/**
 * `coscribe load` from the servers' start to the report.
 *
 * @returns the exit code
 * @throws CouldNotBegin whose sentence says why it could not begin; then nothing runs on
 */
export async function runLoad(setup: LoadSetup): Promise<number> {
  const { options, folder, output } = setup;
  const clock = setup.clock ?? systemClock();
  const isQuiet = options.json === '-';
  const view = new LiveView(options, isQuiet ? undefined : output, clock);
  const servers = await start(options, folder, view);
  try {
    const result = await drive(setup, servers, clock, view);
    view.end();
    if (isQuiet) output.write(`${JSON.stringify(result)}\n`);
    else for (const line of verdictLines(result)) view.say(line);
    const areWritten = await writeFiles(result, setup, view);
    return areWritten ? exitCodeOf(result) : exitCodeOf(result) || NOT_WRITTEN;
  } finally {
    view.end();
    await servers.stop();
  }
}

/** What was found out is told already: a full disk does not hide it. @returns whether all files are there that were asked for */
async function writeFiles(
  result: LoadResult,
  { options: { report, json }, writeReport, complain }: LoadSetup,
  view: LiveView,
): Promise<boolean> {
  let areWritten = true;
  const write = async (file: string | undefined, how: (name: string) => Promise<void>): Promise<void> => {
    if (file === undefined || file === '-') return;
    try {
      await how(file);
      view.say(`Written: ${file}`);
    } catch (error) {
      areWritten = false;
      complain(`${file} could not be written: ${error instanceof Error ? error.message : String(error)}.`);
    }
  };
  await write(report, (file) => writeReport(result, file));
  await write(json, (file) => writeWhole(file, `${JSON.stringify(result, undefined, 2)}\n`));
  return areWritten;
}

async function start(options: LoadOptions, folder: string, view: LiveView): Promise<Servers> {
  let servers: Servers;
  try {
    servers = await startServers(options, folder, (what) => view.say(`Starting ${what} …`));
  } catch (error) {
    throw new CouldNotBegin(error instanceof Error ? error.message : String(error));
  }
  const not = options.chaos
    .map(({ kind }) => unavailable(kind, servers.own))
    .find((why) => why !== undefined);
  if (not === undefined) return overLines(servers, options);
  await servers.stop();
  throw new CouldNotBegin(not);
}

async function drive(
  { options, signal, startGenerator }: LoadSetup,
  servers: Servers,
  clock: Clock,
  view: LiveView,
): Promise<LoadResult> {
  const { own } = servers;
  const entrance = entranceOf(options);
  const targets = servers.targets.map(({ url }) => ({ url: `${url}${entrance}` }));
  const protocol = PROTOCOLS[options.protocol];
  const { acknowledges } = protocol;
  const run = randomBytes(4).toString('hex');
  if (own === undefined) {
    const { token, workspace } = options;
    // No document of the run: some servers lose what is written while they put away what somebody has just left.
    const document = `${workspace}/${run}-0`;
    await reachAll({
      targets,
      tried: options,
      protocol,
      request: { document, clientId: 1, ...(token === undefined ? {} : { token }) },
      clock,
      signal,
      onWaiting: (url, reason) => view.say(`Waiting for ${url}: ${reason}`),
    });
  }
  const began = clock.wall();
  const tokenEnds = tokenNote(options, began);
  if (tokenEnds !== undefined) view.say(tokenEnds);
  const at = (): number => (clock.wall() - began) / 1000;
  const watch = new NodeWatch({
    nodes: servers.watched,
    clock,
    at,
    ...(options.token === undefined ? {} : { token: options.token }),
  });
  let faults: readonly FaultRecord[] = [];
  const plans = dealPlans(options, targets, run);
  const generators = new GeneratorWatch(plans.length, began, clock);
  view.begin({ targets, watched: servers.watched, watch, generators, acknowledges, faults: () => faults });
  watch.start();
  try {
    const course = await runCourse({
      options,
      generators: plans.map(() => startGenerator()),
      plans,
      acknowledges,
      clock,
      signal,
      ...(own === undefined || options.chaos.length === 0
        ? {}
        : {
            startFaults: () =>
              startFaults({
                rates: options.chaos,
                servers: own,
                seed: options.seed,
                clock,
                at,
                onFault: (records) => {
                  faults = records;
                },
              }),
          }),
      events: view,
    });
    return makeResult({
      options,
      targets: targets.map(({ url }) => url),
      acknowledges,
      course,
      startedAt: new Date(began),
      seconds: at(),
      remarks: [...(tokenEnds === undefined ? [] : [tokenEnds]), ...watch.refusals()],
      faults,
      nodes: watch.series(),
      generators: generators.series(),
    });
  } finally {
    watch.stop();
    generators.stop();
  }
}

/** Where our own nodes let clients of each protocol in. */
function entranceOf({ servers, protocol }: LoadOptions): string {
  if (servers.kind === 'urls' || servers.command !== undefined) return '';
  return ENTRANCES[protocol];
}
