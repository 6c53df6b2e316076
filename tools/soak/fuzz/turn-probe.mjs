/**
 * Measures from within a process what its main thread does: preloaded (`node --import`), the program knows nothing of
 * it. At the Unix socket `TURN_PROBE` each line is answered with one: `start` begins a measurement, `stop` ends it and
 * gives `{ turnMs, heapMb, residentMb }`, `kept` gives `{ keptMb }`: the main thread's JavaScript heap with its buffers, of
 * which nothing is garbage.
 *
 * `turnMs` is the longest turn of the event loop, in milliseconds of the main thread's *processor time*. Whatever comes
 * in during a turn waits for its end, so it bounds every block. Wall time would be useless: on a busy machine the
 * kernel takes the processor away for longer than what is to be found. Linux counts each thread's processor time to
 * the nanosecond, without what was stolen by the kernel, by another process or by the host of a virtual machine.
 *
 * A turn ends where the next one begins: in libuv's check phase, once per turn, after all that came in was handled. An
 * immediate that is not referenced runs there and, unlike others, does not keep the loop from going to sleep.
 *
 * Two growths are told, in MiB: that of the resident memory, whose peak the kernel keeps, so that nothing is missed that
 * lives for less than a turn; and that of the JavaScript heap with its buffers, at the ends of turns, for what fits into
 * memory that the process had left over.
 */
import { openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

// Worker threads are preloaded too; whatever they need blocks nobody.
if (isMainThread) listen(process.env.TURN_PROBE);

const MIB = 2 ** 20;

function listen(path) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc');
  const schedule = openSync('/proc/self/schedstat', 'r');
  const line = Buffer.alloc(128);

  /** Nanoseconds that the main thread has run. */
  const processorTime = () => {
    // The kernel brings the count up to date at each tick, or when somebody asks for the process's usage.
    process.cpuUsage();
    readSync(schedule, line, 0, line.length, 0);
    return Number(line.toString('latin1', 0, line.indexOf(' ')));
  };
  const heapBytes = () => {
    const { used_heap_size, external_memory } = getHeapStatistics();
    return used_heap_size + external_memory;
  };
  /** A line of the process's status, in bytes. */
  const memory = (name) =>
    1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'latin1'))[1]);

  let turnStart = 0;
  let longest = 0;
  let heapPeak = 0;
  let heapBefore = 0;
  let residentBefore = 0;

  const endTurn = () => {
    const now = processorTime();
    longest = Math.max(longest, now - turnStart);
    heapPeak = Math.max(heapPeak, heapBytes());
    turnStart = processorTime();
  };
  const eachTurn = () => {
    endTurn();
    setImmediate(eachTurn).unref();
  };
  const commands = {
    start: () => {
      collectGarbage();
      // Resets the peak of the resident memory (proc(5), clear_refs).
      writeFileSync('/proc/self/clear_refs', '5');
      residentBefore = memory('VmRSS');
      heapBefore = heapPeak = heapBytes();
      longest = 0;
      turnStart = processorTime();
      return {};
    },
    stop: () => {
      endTurn();
      const heapMb = (heapPeak - heapBefore) / MIB;
      return { turnMs: longest / 1e6, heapMb, residentMb: (memory('VmHWM') - residentBefore) / MIB };
    },
    kept: () => {
      collectGarbage();
      collectGarbage();
      return { keptMb: heapBytes() / MIB };
    },
  };
  eachTurn();
  // An earlier process that was killed has left it.
  rmSync(path, { force: true });
  createServer((socket) => {
    socket.unref();
    socket.setEncoding('utf8').on('data', (command) => {
      socket.write(`${JSON.stringify(commands[command.trim()]())}\n`);
    });
    socket.on('error', () => socket.destroy());
  })
    .listen(path)
    .unref();
}
