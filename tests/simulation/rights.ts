import type { Access, Grant } from '../../server/auth/access.js';
import type { DocumentId } from '../../shared/ids.js';
import { type Role, roleReaches } from '../../shared/protocol.js';

/** What it takes to see a document, and to write in it. */
export type Need = 'viewer' | 'editor';
const NEEDS: readonly Need[] = ['viewer', 'editor'];

/** What somebody may do in a document, and since when he lacks what. Times of the simulation, in milliseconds. */
interface Right {
  access: Access;
  readonly lackingSince: Map<Need, number>;
}

/**
 * What the application has decided, and the store knows: who may do what, whose tokens are void, which documents are
 * deleted. `subject` is a user, or a link by its name.
 */
export class Rights {
  readonly #rights = new Map<string, Right>();
  readonly #everLacked = new Set<string>();
  readonly #voided = new Map<string, { readonly upTo: number; readonly since: number }>();
  readonly #deletedSince = new Map<DocumentId, number>();
  readonly #everDeleted = new Set<DocumentId>();

  constructor(private readonly now: () => number) {}

  access(subject: string, id: DocumentId): Access {
    return this.#rights.get(`${subject} ${id}`)?.access ?? 'none';
  }

  set(subject: string, id: DocumentId, access: Access): void {
    const key = `${subject} ${id}`;
    const right = this.#rights.get(key) ?? { access, lackingSince: new Map() };
    right.access = access;
    this.#rights.set(key, right);
    for (const need of NEEDS) {
      if (reaches(access, need)) right.lackingSince.delete(need);
      else if (!right.lackingSince.has(need)) right.lackingSince.set(need, this.now());
      if (!reaches(access, need)) this.#everLacked.add(`${key} ${need}`);
    }
  }

  /** The tokens of a user that were issued up to this moment, in wall time, are void. */
  void(subject: string, upTo: number): void {
    this.#voided.set(subject, { upTo, since: this.now() });
  }

  everVoided(subject: string): boolean {
    return this.#voided.has(subject);
  }

  delete(id: DocumentId): void {
    this.#deletedSince.set(id, this.now());
    this.#everDeleted.add(id);
  }

  restore(id: DocumentId): void {
    this.#deletedSince.delete(id);
  }

  isDeleted(id: DocumentId): boolean {
    return this.#deletedSince.has(id);
  }

  everDeleted(id: DocumentId): boolean {
    return this.#everDeleted.has(id);
  }

  /** Whether somebody could not do something at any time. */
  everLacked(subject: string, id: DocumentId, need: Need): boolean {
    return this.#everLacked.has(`${subject} ${id} ${need}`);
  }

  /** Since when whoever has this grant may not do something, without a break; `undefined` if he may. */
  lackingSince(grant: Grant, id: DocumentId, need: Need): number | undefined {
    const subject = subjectOf(grant);
    const voided = this.#voided.get(subject);
    const isVoid = voided !== undefined && (grant.identity.issuedAt ?? 0) <= voided.upTo;
    const since = [
      this.#rights.get(`${subject} ${id}`)?.lackingSince.get(need),
      isVoid ? voided.since : undefined,
      this.#deletedSince.get(id),
    ].filter((time) => time !== undefined);
    return since.length === 0 ? undefined : Math.min(...since);
  }
}

/** Whose rights a grant stands for. */
export function subjectOf({ identity, link }: Grant): string {
  return link ?? identity.user ?? '';
}

export function reaches(access: Access, need: Role): boolean {
  return access !== 'none' && roleReaches(access, need);
}
