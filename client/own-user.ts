import type { Awareness } from 'y-protocols/awareness';
import type { JoinedUser } from '../shared/protocol.js';

type User = Readonly<Record<string, unknown>> | undefined;

/**
 * The `user` in the local awareness state: what the application put there, with the name and the colour that the server
 * gives instead, so that people see themselves as others do. A state without a `user` gets the one before.
 */
export class OwnUser {
  readonly #awareness: Awareness;
  /** What the server gives. */
  given: JoinedUser = {};
  /** What the application wants, and what it was turned into. */
  #wanted: User;
  #shown: User;

  constructor(awareness: Awareness) {
    this.#awareness = awareness;
    this.#wanted = this.#shown = awareness.getLocalState()?.user as User;
    awareness.on('change', this.#onChange);
  }

  /** What the server gives from now on. */
  give(given: JoinedUser): void {
    this.given = given;
    this.#show();
  }

  destroy(): void {
    this.#awareness.off('change', this.#onChange);
  }

  readonly #onChange = (_changes: unknown, origin: unknown): void => {
    if (origin !== 'local') return;
    const user = this.#awareness.getLocalState()?.user as User;
    if (user !== undefined && !isSame(user, this.#shown)) this.#wanted = user;
    this.#show();
  };

  #show(): void {
    const state = this.#awareness.getLocalState();
    // Somebody who does not want to be seen.
    if (state === null) return;
    const { name, color } = this.given;
    const shown =
      name === undefined && color === undefined ? this.#wanted : { ...this.#wanted, ...this.given };
    this.#shown = shown;
    if (!isSame(shown, state.user as User)) this.#awareness.setLocalState({ ...state, user: shown });
  }
}

function isSame(one: User, other: User): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
