import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { ROOT } from '../../support/project-files.js';

/** Names of the packages that are loaded when traces are opened with these settings. */
function loadedWith(tracesUrl: string): string {
  const script = `
    import { createRequire, register } from 'node:module';
    import { openTraces } from './dist/server/telemetry/open-traces.js';
    import { systemClock } from './dist/shared/time.js';
    const traces = await openTraces({ tracesUrl: ${JSON.stringify(tracesUrl)}, tracesPerMillion: 1, version: '1' }, 'a', systemClock({ unref: true }));
    // What is loaded of CommonJS, which these packages are.
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@opentelemetry')).length);
    await traces?.close();`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  return run.stdout.trim();
}

test('[TRACE5] OpenTelemetry is loaded only where traces are wanted', () => {
  expect(loadedWith('')).toBe('0');
  expect(Number(loadedWith('http://127.0.0.1:9/v1/traces'))).toBeGreaterThan(0);
});
