import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { UsageError } from '../usage-error.js';

export const USAGE = `Usage: npm run replay -- --trace FILE [--url URL] [--speed N] [--document NAME]

Plays a recorded editing session through real clients, one for each author, and compares what everybody has in the
end with what the recording ends with.

  --trace FILE      The recording: JSON, gzipped or not, as in https://github.com/josephg/editing-traces
                    (sequential or concurrent).
  --url URL         A running server. Without it the replay starts one of its own and removes it afterwards.
  --speed N         N times the speed of the recording; pauses of more than a minute are shortened to one.
                    Without it as fast as the server saves.
  --document NAME   The document to play into, which must be empty; by default a new one.
  -h, --help        Print this text and exit.

Exit codes: 0 everything is equal, 1 something is not, 2 the replay could not begin.`;

export interface ReplayOptions {
  readonly trace: string;
  readonly url: string | undefined;
  /** How many times the recorded speed. */
  readonly speed: number | undefined;
  readonly document: DocumentId;
}

/** @returns `undefined` if the help is asked for. @throws UsageError, CoscribeError `invalid-document-id` */
export function readOptions(argv: readonly string[]): ReplayOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  if (!values.trace) throw new UsageError('Name the recording with --trace FILE; see --help.');
  const speed = values.speed === undefined ? undefined : Number(values.speed);
  if (speed !== undefined && !(speed > 0)) throw new UsageError('--speed must be a number above 0.');
  return {
    trace: values.trace,
    url: values.url === undefined ? undefined : readUrl(values.url),
    speed,
    document: parseDocumentId(values.document ?? `replay/${randomBytes(6).toString('hex')}`),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        trace: { type: 'string' },
        url: { type: 'string' },
        speed: { type: 'string' },
        document: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.replace(/\.?$/, '.')} See --help.`);
  }
}

function readUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(`--url must be an http or https address, not "${value}".`);
  }
  return url.origin;
}
