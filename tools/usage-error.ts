/** What the command line asks for makes no sense; the message is a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
