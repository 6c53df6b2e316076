import type { Coscribe } from 'coscribe/server';
import { type Repeated, repeat } from '../repeat.js';
import { type Alarm, SAMPLES, type Vitals } from './patient.js';

const DOCUMENT = 'examples/monitor';
const EVERY_MS = 200;
/** Values of the curve in that time. */
const PER_TICK = 10;
const LOW_OXYGEN = 92;
const MOST_ALARMS = 5;

/** A patient whom nobody has to worry about. */
export function serve(coscribe: Coscribe): Repeated {
  let time = 0;
  let isLow = false;
  return repeat(EVERY_MS, () => {
    time += EVERY_MS;
    const now: Vitals = {
      pulse: Math.round(72 + 6 * Math.sin(time / 20_000)),
      // It goes below the limit for some seconds of each minute.
      oxygen: Math.round(95.5 + 4 * Math.cos(time / 9_500)),
    };
    const alarm = now.oxygen < LOW_OXYGEN && !isLow;
    isLow = now.oxygen < LOW_OXYGEN;
    const samples = Array.from({ length: PER_TICK }, (_, at) =>
      heart((time + (at * EVERY_MS) / PER_TICK) * now.pulse),
    );
    return coscribe.edit(
      DOCUMENT,
      (doc) => {
        const curve = doc.getArray<number>('curve');
        curve.push(samples);
        if (curve.length > SAMPLES) curve.delete(0, curve.length - SAMPLES);
        const vitals = doc.getMap<Vitals>('vitals');
        const before = vitals.get('now');
        if (before?.pulse !== now.pulse || before.oxygen !== now.oxygen) vitals.set('now', now);
        if (!alarm) return;
        const alarms = doc.getMap<Alarm>('alarms');
        const at = Date.now();
        alarms.set(String(at), { words: `Oxygen at ${now.oxygen} %`, at });
        for (const old of [...alarms.keys()].sort().slice(0, -MOST_ALARMS)) alarms.delete(old);
      },
      { user: 'the monitor' },
    );
  });
}

/** One heartbeat after the other. @param beats 60,000 of them make one beat */
function heart(beats: number): number {
  const phase = (beats % 60_000) / 60_000;
  const wave = (at: number, width: number, size: number): number =>
    size * Math.exp(-(((phase - at) / width) ** 2));
  const value =
    wave(0.2, 0.025, 0.12) +
    wave(0.29, 0.008, -0.12) +
    wave(0.31, 0.008, 1) +
    wave(0.335, 0.009, -0.22) +
    wave(0.52, 0.045, 0.24);
  return Math.round(value * 1000) / 1000;
}
