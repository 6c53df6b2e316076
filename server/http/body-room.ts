import { CoscribeError } from '../../shared/errors.js';

/** What one request has of the room. */
export interface BodyHold {
  /** So many more bytes have come. @throws CoscribeError `server-busy`, and then they do not count */
  add(bytes: number): void;
  /** Nothing of it is needed any more. */
  release(): void;
}

/**
 * Bounds how much memory the bodies of all requests that are under way take together, and those of one sender: whoever is slow
 * with his own must not take the room of others.
 */
export class BodyRoom {
  private held = 0;
  private readonly heldBy = new Map<string, number>();

  /** In bytes, each at least as much as the largest body. */
  constructor(private readonly limits: { readonly all: number; readonly each: number }) {}

  /** For a request that is about to be read. @param sender a user, or an address */
  hold(sender: string): BodyHold {
    const { all, each } = this.limits;
    let own = 0;
    const count = (bytes: number): void => {
      const his = (this.heldBy.get(sender) ?? 0) + bytes;
      if (his > 0) this.heldBy.set(sender, his);
      else this.heldBy.delete(sender);
      this.held += bytes;
      own += bytes;
    };
    return {
      add: (bytes) => {
        if (this.held + bytes > all || (this.heldBy.get(sender) ?? 0) + bytes > each)
          throw new CoscribeError('server-busy');
        count(bytes);
      },
      release: () => count(-own),
    };
  }
}
