/**
 * The store cannot be opened, so the server cannot start. The message is for the operator: what is wrong, and what
 * to do. It is no `CoscribeError`, because no client ever meets it.
 */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
}
