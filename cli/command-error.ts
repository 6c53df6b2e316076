/** A command cannot do what it is asked for, and that is not for its options; the message is a sentence. Exit code 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
