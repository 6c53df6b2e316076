/** Whether somebody would have to wait for it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * A function that has to be done when it returns gave a promise instead. What becomes of that is of no interest to anybody.
 *
 * @param what whose answer it is: `The function given to edit()`
 */
export function refusedThenable(answer: PromiseLike<unknown>, what: string): TypeError {
  answer.then(
    () => {},
    () => {},
  );
  return new TypeError(
    `${what} gave a promise: a transaction is over when the function returns. Wait for what you need before, and change the document without "await".`,
  );
}
