import { Awareness } from 'y-protocols/awareness';

type Listener = (...args: readonly unknown[]) => unknown;

/**
 * Hands an error of the application on as one that nothing has caught. It is no fault of what the application was told, and
 * has to be seen by whoever can mend it.
 */
export function reportUncaught(error: unknown): void {
  // Not in Node.
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

/**
 * Tells everybody, whatever the others throw.
 *
 * @returns whether there is somebody, and nobody threw or said `false`
 */
export function tellEach(listeners: Iterable<Listener> | undefined, args: readonly unknown[]): boolean {
  const all = [...(listeners ?? [])];
  let taken = all.length > 0;
  for (const listener of all) {
    try {
      if (listener(...args) === false) taken = false;
    } catch (error) {
      taken = false;
      reportUncaught(error);
    }
  }
  return taken;
}

/** An awareness whose listeners don't disturb each other, nor what carries it: editors listen to it, with all their parts. */
export class SturdyAwareness extends Awareness {
  override emit(name: string, args: readonly unknown[]): void {
    tellEach(this._observers.get(name), args);
  }
}
