import type { Authenticator, Identity } from '../../server/auth/access.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { ROLES, type Role } from '../../shared/protocol.js';
import type { AccessProfile } from './access-profile.js';
import { Person, WAYS } from './person.js';
import { Rights } from './rights.js';
import type { ProcessClock } from './timeline.js';
import { Weather } from './weather.js';
import type { World } from './world.js';

/** One question of so many takes so long, each way, in milliseconds: nearly as long as it may. */
const SLOW = 0.02;
const SLOW_AT_MOST = 4_500;

/** More links than a simulation makes. */
const MANY = 1_000_000;

/** The application's own users: who they are and what they may do, and somebody to ask about it. */
export class Directory {
  readonly rights: Rights;
  /** Whether it can be asked. */
  readonly weather: Weather;
  readonly #slowUntil = new Map<string, number>();
  #named = 0;
  #links = 0;

  constructor(
    private readonly world: World,
    readonly profile: AccessProfile,
  ) {
    const now = () => world.timeline.now;
    this.rights = new Rights(now);
    this.weather = new Weather(now);
  }

  /** Somebody new, who may do this or that in each document; an owner of all, if that is wanted. */
  newPerson({ owner }: { readonly owner: boolean }): Person {
    const { world, rights } = this;
    const { dice, documents } = world;
    const person = new Person(world, this, `person-${++this.#named}`, owner ? 'token' : dice.pick(WAYS));
    for (const id of documents)
      rights.set(person.user, id, owner ? 'owner' : dice.pick([...ROLES, 'editor', 'none']));
    return person;
  }

  /** @returns its name */
  addLink(document: DocumentId, role: Role, hash: Uint8Array): string {
    const { disk, timeline } = this.world;
    const id = `link-${++this.#links}`;
    void disk.store.addLink({ id, hash, document, role, label: '', createdAt: timeline.wall }, MANY);
    this.rights.set(id, document, role);
    return id;
  }

  /** As one node asks it. */
  authenticator(clock: ProcessClock): Authenticator {
    return {
      authenticate: ({ token }) => readToken(token),
      authorize: ({ user = '' }, document) =>
        this.#ask(clock, user, () => this.rights.access(user, document)),
    };
  }

  /** When the last question about somebody was answered, or will be, that has taken long. */
  slowUntil(subject: string): number {
    return this.#slowUntil.get(subject) ?? Number.NEGATIVE_INFINITY;
  }

  /** Questions take time, there and back; some that are about one person take long. */
  #ask<T>(clock: ProcessClock, user: string, question: () => T): Promise<T> {
    const { dice, timeline, profile, breaking } = this.world;
    const isSlow = breaking && dice.chance(SLOW);
    const delay = (): number =>
      isSlow ? dice.spread(500, SLOW_AT_MOST) : dice.random() * profile.storeLatency;
    if (isSlow) this.#slowUntil.set(user, timeline.now + 2 * SLOW_AT_MOST);
    return new Promise((resolve, reject) => {
      timeline.after(delay(), () => {
        const away = this.weather.outage;
        const answer = question();
        timeline.after(delay(), () =>
          clock.arrive(() => {
            if (away) reject(new CoscribeError('keys-unavailable', 'a simulated outage'));
            else resolve(answer);
          }),
        );
      });
    });
  }
}

interface TokenFacts {
  readonly user: string;
  /** Wall time, in milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt?: number;
}

export function makeToken({
  user,
  issuedAt,
  expiresAt = '',
}: Omit<TokenFacts, 'expiresAt'> & { readonly expiresAt?: number | '' }): string {
  return [user, issuedAt, expiresAt].join(' ');
}

function readToken(token: string | undefined): Identity {
  const [user, issuedAt, expiresAt] = token?.split(' ') ?? [];
  if (user === undefined) throw new CoscribeError('unauthenticated');
  const ends = expiresAt === undefined || expiresAt === '' ? {} : { expiresAt: Number(expiresAt) };
  return { user, issuedAt: Number(issuedAt), ...ends };
}
