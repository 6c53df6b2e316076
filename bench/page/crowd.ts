/**
 * The people who type while a page is watched, in a process of their own:
 *
 *     fork('crowd.js', [JSON.stringify(crowd)])   →  'ready'        everybody has joined
 *     'type'                                      →  everybody types, until
 *     'stop'                                      →  the number of keys, when all of them are saved; then it ends
 */
import { type Area, Typist } from './typist.js';

/** What the process is told. */
export interface Crowd {
  readonly url: string;
  readonly document: string;
  readonly people: number;
  /** Keys a second of each. */
  readonly rate: number;
  readonly area: Area;
}

const { url, document, people, rate, area } = JSON.parse(process.argv[2] ?? '{}') as Crowd;
const typists = Array.from(
  { length: people },
  (_, number) => new Typist(url, document, number, area, Math.random),
);
let keys = 0;
let timers: NodeJS.Timeout[] = [];

/** Everybody at his own pace: whoever has just typed types again at a time of chance, `rate` times a second. */
function typeOn(typist: Typist, number: number): void {
  const wait = (0.5 + Math.random()) * (1000 / rate);
  timers[number] = setTimeout(() => {
    typist.key();
    keys += 1;
    typeOn(typist, number);
  }, wait);
}

function whenAll(holds: (typist: Typist) => boolean, then: () => void): void {
  const refused = typists.find(({ error }) => error !== undefined)?.error;
  if (refused !== undefined) throw new Error(`The server refused a typist: ${refused}`);
  if (typists.every(holds)) then();
  else setTimeout(() => whenAll(holds, then), 20);
}

process.on('message', (message) => {
  if (message === 'type') typists.forEach(typeOn);
  if (message !== 'stop') return;
  for (const timer of timers) clearTimeout(timer);
  timers = [];
  whenAll(
    ({ saved }) => saved,
    () => {
      for (const typist of typists) typist.leave();
      process.send?.(keys);
      process.disconnect?.();
    },
  );
});
whenAll(
  ({ ready }) => ready,
  () => process.send?.('ready'),
);
