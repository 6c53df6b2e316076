import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench:page -- [options]

Opens the real page in Chromium while many people type into its document, and says what the page's main thread does.

  --characters N   Length of the text at the start. Default 100000.
  --people N       How many others type. Default 50. With 0 the page's own user is alone.
  --rate N         Keys a second of each of them. Default 5.
  --seconds N      How long it is watched. Default 15.
  --long-lines     Four lines in all, instead of lines of ordinary length.
  --crowded        All carets are in view, instead of anywhere in the text.
  --reading        The page's own user only reads: the field has no focus, and nobody types in it.
  --bare           Instead of our page, one with nothing but a text area of the same look that a script writes once
                   a frame, or never with --people 0: what the browser alone costs.
  --trace FILE     Keeps the trace, for the Performance panel of Chromium's developer tools.
  -h, --help       Print this text and exit.`;

export interface PageBenchOptions {
  readonly characters: number;
  readonly people: number;
  readonly rate: number;
  readonly seconds: number;
  readonly longLines: boolean;
  readonly crowded: boolean;
  readonly reading: boolean;
  readonly bare: boolean;
  readonly trace: string | undefined;
}

/** @returns `undefined` if the help is asked for. @throws TypeError about an option that makes no sense */
export function readOptions(argv: readonly string[]): PageBenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      characters: { type: 'string', default: '100000' },
      people: { type: 'string', default: '50' },
      rate: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '15' },
      'long-lines': { type: 'boolean', default: false },
      crowded: { type: 'boolean', default: false },
      reading: { type: 'boolean', default: false },
      bare: { type: 'boolean', default: false },
      trace: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { crowded, reading, bare, trace } = values;
  return {
    characters: readCount('characters', values.characters, 1_000),
    people: readCount('people', values.people, 0),
    rate: readCount('rate', values.rate, 1),
    seconds: readCount('seconds', values.seconds, 1),
    longLines: values['long-lines'],
    crowded,
    reading,
    bare,
    trace,
  };
}

function readCount(name: string, value: string, least: number): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new TypeError(`--${name} must be a whole number from ${least} up, not "${value}".`);
}
