/**
 * The bus cannot be opened, so the server cannot start as one of several. The message is for the operator: what is
 * wrong, and what to do; it names no password. It is no `CoscribeError`, because no client ever meets it.
 */
export class BusOpenError extends Error {
  override readonly name = 'BusOpenError';
}
