import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { TurnProbe } from '../../../../tools/soak/fuzz/probe.js';
import { temporaryFolder } from '../../../support/folder.js';

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
  const probe = new TurnProbe(folder.file('probe'));
  const child = spawn(process.execPath, ['-e', BUSY], { env: { ...process.env, ...probe.environment() } });
  try {
    await once(child.stdout, 'data');
    await probe.connect();
    await probe.start();
    // Long enough for the processor to be there at times, however busy the machine is.
    child.stdin.write('200');
    await once(child.stdout, 'data');
    const large = await probe.stop();
    expect(large.turnMs).toBeGreaterThan(50);
    expect(large.turnMs).toBeLessThan(2_000);
    expect(large.residentMb).toBeGreaterThan(150);
    expect(large.heapMb).toBeGreaterThan(150);
    await probe.start();
    const small = await probe.stop();
    expect(small.turnMs).toBeLessThan(50);
    expect(small.heapMb).toBeLessThan(64);
    expect(await probe.keptMb()).toBeGreaterThan(150);
    probe.close();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    folder.remove();
  }
});
