/**
 * `npm test`: sees to it that the programs which tests need are there, runs jest with the arguments given, and
 * prints as its very last line `N passed, N failed, N skipped`. A suite that could not run counts as failed; a
 * run in which no test passed or failed has failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEEDS, provide } from './needs.mjs';

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
if (missing.length > 0) {
  console.error(`${missing.join('\n')}\nNo test was run.`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'coscribe-test-'));
const resultsFile = join(folder, 'results.json');
const code = await runJest(process.argv.slice(2));
const counts = readCounts();
rmSync(folder, { recursive: true, force: true });

const ran = counts.passed + counts.failed > 0;
if (!ran) console.error('No test was run.');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = ran && counts.failed === 0 ? code : code || 1;

/** Resolves with jest's exit code; 1 if jest was ended by a signal. */
function runJest(args) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, ...args, '--json', `--outputFile=${resultsFile}`], {
    // With --json jest may write JSON to its standard output; ours is for the last line.
    stdio: ['inherit', 2, 2],
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
  return new Promise((resolve) => {
    child.on('close', (exitCode) => {
      clearInterval(watch);
      clearTimeout(goodbye);
      resolve(exitCode ?? 1);
    });
  });
}

function readCounts() {
  if (!existsSync(resultsFile)) return { passed: 0, failed: 0, skipped: 0 };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
