import type { GetToken } from '../../client/token-source.js';
import { linkHash } from '../../server/auth/share-links.js';
import type { DocumentId } from '../../shared/ids.js';
import { ROLES } from '../../shared/protocol.js';
import { type Directory, makeToken } from './directory.js';
import { type Need, reaches } from './rights.js';
import type { World } from './world.js';

/** What shows who somebody is, to a provider. */
interface Shown {
  readonly token?: string;
  readonly getToken?: GetToken;
}

export const WAYS = ['token', 'renewed-token', 'link'] as const;
type Way = (typeof WAYS)[number];

/** What the server finds wrong with tokens; whoever gets others comes back with one. */
const TOKEN_CODES: readonly unknown[] = ['token-expired', 'unauthenticated'];
/** The longest that a token may be on its way to its provider: longer than that waits, in milliseconds. */
const TOKEN_TAKES = 15_000;

/** Somebody who comes with one token for good, with one that is renewed again and again, or with a link to each document. */
export class Person {
  readonly #links = new Map<DocumentId, { readonly name: string; readonly token: string }>();

  constructor(
    private readonly world: World,
    private readonly directory: Directory,
    readonly user: string,
    private readonly way: Way,
  ) {}

  may(id: DocumentId, need: Need): boolean {
    return reaches(this.access(id), need);
  }

  access(id: DocumentId) {
    const { rights } = this.directory;
    return rights.isDeleted(id) ? 'none' : rights.access(this.#subject(id), id);
  }

  /** What he shows from now on. */
  show(id: DocumentId): Shown {
    switch (this.way) {
      case 'token':
        return { token: this.#issue() };
      case 'renewed-token':
        return { getToken: () => this.#renewed() };
      case 'link':
        return { token: this.#linkTo(id) };
    }
  }

  /** Whether a refusal for good says what was so at some time. */
  deserves(code: string | undefined, id: DocumentId): boolean {
    const { rights } = this.directory;
    const subject = this.#subject(id);
    if (code === 'read-only') return rights.everLacked(subject, id, 'editor');
    if (code === 'no-access') return rights.everLacked(subject, id, 'viewer') || rights.everDeleted(id);
    if (TOKEN_CODES.includes(code)) return rights.everVoided(subject) && code !== 'token-expired';
    return rights.everDeleted(id) && (code === 'document-deleted' || code === 'generation-changed');
  }

  /** Whose rights in a document can be changed: a link's cannot. */
  get changeable(): boolean {
    return this.way !== 'link';
  }

  /** Takes his link from him, if he has one. @returns its name */
  linkTo(id: DocumentId): string | undefined {
    return this.#links.get(id)?.name;
  }

  #subject(id: DocumentId): string {
    return this.way === 'link' ? (this.#links.get(id)?.name ?? '') : this.user;
  }

  /** Whoever has lost his link may be given another one. */
  #linkTo(id: DocumentId): string {
    const { dice, breaking } = this.world;
    const { rights } = this.directory;
    const had = this.#links.get(id);
    const works = had !== undefined && reaches(rights.access(had.name, id), 'viewer');
    if (had !== undefined && (works || !breaking || rights.isDeleted(id) || dice.chance(0.5)))
      return had.token;
    const token = `link_${Array.from({ length: 43 }, () => dice.pick([...LETTERS])).join('')}`;
    // Nobody makes links to what is not there.
    if (rights.isDeleted(id)) return token;
    const name = this.directory.addLink(id, dice.pick(ROLES), linkHash(token) ?? new Uint8Array());
    this.#links.set(id, { name, token });
    return token;
  }

  #issue(life?: number): string {
    const issuedAt = this.world.timeline.wall;
    return makeToken({
      user: this.user,
      issuedAt,
      ...(life !== undefined && { expiresAt: issuedAt + life }),
    });
  }

  /** As long as things break, what an application does when it is asked for a token is not always what it should. */
  #renewed(): ReturnType<GetToken> {
    const { dice, timeline, breaking } = this.world;
    const { tokenLife } = this.directory.profile;
    if (!breaking || dice.chance(0.6)) return this.#issue(tokenLife);
    const wrong = dice.random();
    if (wrong < 0.3) return Promise.reject(new Error('a simulated sign-in that fails'));
    if (wrong < 0.5) return this.#issue(-1);
    if (wrong < 0.55) return undefined;
    if (wrong < 0.65) return new Promise(() => {});
    return new Promise((resolve) => {
      timeline.after(dice.spread(10, TOKEN_TAKES), () => resolve(this.#issue(tokenLife)));
    });
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
