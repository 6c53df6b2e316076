import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { Meter } from '../../../bench/os/meter.js';
import { cpuBetween, readCpu, readMemory } from '../../../bench/os/usage.js';

const BURN_MS = 200;
/** Uses so much CPU, however long it takes on a busy machine. */
const BURN = `const start = process.cpuUsage(); let used = 0;
  while (used < ${BURN_MS} * 1000) { const { user, system } = process.cpuUsage(start); used = user + system; }`;

describe('what the operating system says of a process', () => {
  test('[BENCH12] CPU time is that of all its threads, also of those that have ended', async () => {
    const start = process.cpuUsage();
    const before = readCpu('self');
    const worker = new Worker(BURN, { eval: true });
    await once(worker, 'exit');
    const { user, system } = process.cpuUsage(start);
    const used = cpuBetween(before, readCpu('self')) / 1e6;
    expect(used).toBeGreaterThan(BURN_MS * 0.8);
    expect(Math.abs(used - (user + system) / 1000)).toBeLessThan(60);
  });

  test('[BENCH12] what others take of a core is what is left of its account', async () => {
    const here = new Meter(() => ({ server: [process.pid] }));
    expect(here.read().others).toBeUndefined();
    const child = spawn('taskset', ['-c', '0', process.execPath, '-e', BURN], { stdio: 'ignore' });
    // Of a process that does nothing: everything that the core does is others' work.
    const idle = spawn('sleep', ['60'], { stdio: 'ignore' });
    const meter = new Meter(() => ({ server: [idle.pid ?? 0] }), { server: 0, generator: 0 });
    await once(child, 'exit');
    const { wallMs, serverNs, others } = meter.read();
    idle.kill();
    expect(serverNs).toBeLessThan(20e6);
    expect((others?.server ?? 0) * wallMs).toBeGreaterThan(BURN_MS * 0.7);
    expect((others?.server ?? 0) * wallMs).toBeLessThan(wallMs * 1.1 + 20);
  });

  test('[BENCH12] memory is what is resident now, and at most so far', () => {
    const before = readMemory(process.pid);
    const block = Buffer.alloc(64 * 2 ** 20, 1);
    const after = readMemory('self');
    expect(after.resident - before.resident).toBeGreaterThan(block.length * 0.9);
    expect(after.peak).toBeGreaterThanOrEqual(after.resident);
  });

  test('[BENCH12] a process that is not there is an error', () => {
    // Above the largest number that Linux gives (2^22).
    expect(() => readCpu(2 ** 23)).toThrow();
    expect(() => readMemory(2 ** 23)).toThrow();
  });
});
