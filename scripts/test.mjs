/**
 * `npm test`: sees to it that the programs and packages which tests need are there, runs jest with the arguments given, and
 * prints as its very last line `N passed, N failed, N skipped`. A suite that could not run counts as failed; a
 * run in which no test passed or failed has failed.
 *
 * Files of the whole suite that fail run once more, alone and with the seed that they named: these tests drive browsers,
 * databases and clusters two at a time, on machines that are busy with more than them. What fails then has failed, and
 * what passes then is named, since it is either a test that hopes or a race.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEEDS, provide } from './needs.mjs';
import { installPeers } from './peers.mjs';

/** The exit code of what a signal ended, as shells have it for SIGKILL. */
const KILLED = 137;
/** More files than that don't fail because of a busy machine. */
const AGAIN_AT_MOST = 5;
/** How long jest may take to end after its last result, in milliseconds. */
const MAX_GOODBYE = 30_000;

const missing = [];
for (const need of NEEDS) {
  try {
    process.env[need.env] = provide(need);
  } catch (error) {
    missing.push(error.message);
  }
}
if (installPeers('tests/peers') !== 0)
  missing.push('The tests need the published clients of other servers; "npm ci" in tests/peers failed.');
if (missing.length > 0) {
  console.error(`${missing.join('\n')}\nNo test was run.`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'coscribe-test-'));
const args = process.argv.slice(2);
const first = await runJest(args, 'all');
const second = args.length === 0 ? await runAgain(first) : undefined;
rmSync(folder, { recursive: true, force: true });

const counts = second === undefined ? first : inPlaceOf(first, second);
const ran = counts.passed + counts.failed > 0;
if (!ran) console.error('No test was run.');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = ran && counts.failed === 0 ? counts.code : counts.code || 1;

/** @returns `undefined` if that makes no sense: nothing failed, or too much, or jest was ended */
async function runAgain({ failed, files }) {
  if (failed === 0 || files.length === 0 || files.length > AGAIN_AT_MOST) return undefined;
  const runs = [];
  for (const [place, file] of files.entries()) {
    console.error(
      `Failed, and runs once more, alone: ${file.path}${file.seed ? ` (SEED=${file.seed})` : ''}`,
    );
    const again = await runJest(['--runTestsByPath', file.path], `again-${place}`, file.seed);
    const mended = again.code === 0 && again.failed === 0;
    runs.push({ ...again, path: file.path, instead: file, mended });
  }
  for (const { path, instead, mended } of runs) {
    if (mended) console.error(`Passed only when it ran once more: ${path}: ${instead.names.join('; ')}`);
  }
  return runs;
}

/** The counts of a run with those of files that ran again in place of what these files had. */
function inPlaceOf(all, runs) {
  const sum = (pick) => runs.reduce((total, run) => total + pick(run), 0);
  const of = (name) => all[name] + sum((run) => run[name] - run.instead[name]);
  // Any other code than that of failed tests is no matter of these files.
  const code = runs.every(({ mended }) => mended) && all.code === 1 ? 0 : all.code;
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped'), code };
}

/** Runs jest and counts; `code` is jest's exit code: 1 if tests failed. */
async function runJest(args, name, seed) {
  const resultsFile = join(folder, `${name}.json`);
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, ...args, '--json', `--outputFile=${resultsFile}`], {
    // With --json jest may write JSON to its standard output; ours is for the last line.
    stdio: ['inherit', 2, 2],
    env: seed === undefined ? process.env : { ...process.env, SEED: seed },
  });
  let goodbye;
  const watch = setInterval(() => {
    if (goodbye || !existsSync(resultsFile)) return;
    goodbye = setTimeout(() => {
      console.error(
        'Jest did not end after its last test: a test left a server, a timer or a process behind.',
      );
      child.kill('SIGKILL');
    }, MAX_GOODBYE);
  }, 500);
  const code = await new Promise((resolve) => {
    child.on('close', (exitCode) => {
      clearInterval(watch);
      clearTimeout(goodbye);
      resolve(exitCode ?? KILLED);
    });
  });
  return { ...readCounts(resultsFile), code };
}

/** `files` are those that failed. */
function readCounts(resultsFile) {
  if (!existsSync(resultsFile)) return { passed: 0, failed: 0, skipped: 0, files: [] };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
    files: results.testResults.filter(({ status }) => status === 'failed').map(failedFile),
  };
}

function failedFile({ name: path, message, assertionResults }) {
  const count = (...statuses) => assertionResults.filter(({ status }) => statuses.includes(status)).length;
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  return {
    path,
    names: failed.map(({ fullName }) => fullName),
    passed: count('passed'),
    // A file that could not run has no results.
    failed: Math.max(failed.length, 1),
    skipped: count('pending', 'todo'),
    seed: /SEED=(\d+)/.exec(message)?.[1],
  };
}
