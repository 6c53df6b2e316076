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

/** More links than a simulation makes. */
const MANY = 1_000_000;

/** The application's own users: who they are and what they may do, and somebody to ask about it. */
export class Directory {
  readonly rights: Rights;
  /** Whether it can be asked. */
  readonly weather: Weather;
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
      authorize: ({ user = '' }, document) => this.#ask(clock, () => this.rights.access(user, document)),
    };
  }

  /** Questions take time, there and back. */
  #ask<T>(clock: ProcessClock, question: () => T): Promise<T> {
    const { dice, timeline, profile } = this.world;
    const delay = (): number => dice.random() * profile.storeLatency;
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
