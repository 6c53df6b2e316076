/** How other programs end that get such a signal: 128 and its number. */
const EXIT_CODES = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** Why a command is to end before it is done: Ctrl-C, SIGTERM, or nobody reads its output any more. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(readonly signal: keyof typeof EXIT_CODES) {
    super('Interrupted.');
    this.exitCode = EXIT_CODES[signal];
  }
}

/** What a command that was to end exits with that did so in order: its own code if that says more. */
export function exitCodeAfter(code: number, { reason }: AbortSignal): number {
  if (!(reason instanceof Interrupted)) return code;
  // What it did to its end was for nobody if nobody has read it.
  const isSpoilt = code === EXIT_CODES.SIGINT || (code === 0 && reason.signal === 'SIGPIPE');
  return isSpoilt ? reason.exitCode : code;
}
