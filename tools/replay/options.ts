import { randomBytes } from 'node:crypto';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { OptionHelp } from '../command-line/option-help.js';
import { readUrl } from '../command-line/quantities.js';
import { readArguments } from '../command-line/read-arguments.js';
import { UsageError } from '../usage-error.js';

export const REPLAY_OPTIONS = [
  {
    name: 'trace',
    value: 'FILE',
    help: 'The recording: JSON, gzipped or not, as in https://github.com/josephg/editing-traces (sequential or concurrent).',
  },
  {
    name: 'url',
    value: 'URL',
    help: 'A running server. Without it the replay starts one of its own and removes it afterwards.',
  },
  {
    name: 'speed',
    value: 'N',
    help: 'N times the speed of the recording; pauses of more than a minute are shortened to one. Without it as fast as the server saves.',
  },
  {
    name: 'document',
    value: 'NAME',
    help: 'The document to play into, which must be empty; by default a new one.',
  },
] as const satisfies readonly OptionHelp[];

export interface ReplayOptions {
  readonly trace: string;
  readonly url: string | undefined;
  /** How many times the recorded speed. */
  readonly speed: number | undefined;
  readonly document: DocumentId;
}

/** @throws UsageError, CoscribeError `invalid-document-id` */
export function readOptions(argv: readonly string[]): ReplayOptions {
  const { values } = readArguments(REPLAY_OPTIONS, argv);
  if (values.trace === undefined) throw new UsageError('Name the recording with --trace FILE; see --help.');
  const speed = values.speed === undefined ? undefined : Number(values.speed);
  if (speed !== undefined && !(speed > 0)) throw new UsageError('--speed must be a number above 0.');
  return {
    trace: values.trace,
    url: values.url === undefined ? undefined : readUrl('--url', values.url).origin,
    speed,
    document: parseDocumentId(values.document ?? `replay/${randomBytes(6).toString('hex')}`),
  };
}
