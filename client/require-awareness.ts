/**
 * Not by its class: an application may have another copy of y-protocols, which does as well.
 *
 * @throws TypeError with a sentence that says what is wrong, if it is no `Awareness`
 */
export function requireAwareness(awareness: unknown): void {
  const { on, off, getStates } = Object(awareness) as Record<string, unknown>;
  if (![on, off, getStates].every((method) => typeof method === 'function'))
    throw new TypeError('`awareness` has to be an Awareness of y-protocols, such as `provider.awareness`.');
}
