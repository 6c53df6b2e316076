import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from './folder.js';
import { askProbe, PROBE } from './measured-server.js';

/** At each line of input it is busy for as many milliseconds as that says, and keeps as many MiB. */
const BUSY = `
  console.log('ready');
  process.stdin.on('data', (line) => {
    const until = performance.now() + Number(line);
    globalThis.kept = Buffer.alloc(Number(line) * 2 ** 20, 1);
    while (performance.now() < until);
    console.log('done');
  });
`;

test('[COST1] the probe sees how long a turn takes, what it adds, and forgets it with the next measurement', async () => {
  const folder = temporaryFolder();
  const env = { ...process.env, TURN_PROBE: folder.file('probe') };
  const child = spawn(process.execPath, ['--import', PROBE, '-e', BUSY], { env });
  try {
    await once(child.stdout, 'data');
    const probe = createConnection(folder.file('probe'));
    await once(probe, 'connect');
    await askProbe(probe, 'start');
    // Long enough for the processor to be there at times, however busy the machine is.
    child.stdin.write('200');
    await once(child.stdout, 'data');
    const large = await askProbe(probe, 'stop');
    expect(large.turnMs).toBeGreaterThan(50);
    expect(large.turnMs).toBeLessThan(2_000);
    expect(large.residentMb).toBeGreaterThan(150);
    expect(large.heapMb).toBeGreaterThan(150);
    await askProbe(probe, 'start');
    const small = await askProbe(probe, 'stop');
    expect(small.turnMs).toBeLessThan(50);
    expect(small.heapMb).toBeLessThan(64);
    probe.destroy();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    folder.remove();
  }
});
