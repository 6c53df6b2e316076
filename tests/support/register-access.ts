import type { AccessControl, Credentials, Grant, Identity } from '../../server/auth/access.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';

/** Lets in whom a test has put on its list, by token. */
export class RegisterAccess implements AccessControl {
  readonly mode = 'tokens';
  readonly people = new Map<string, Identity>();
  /** By token. */
  readonly roles = new Map<string, Role>();
  /** While set, nobody can be asked. */
  away: CoscribeError | undefined;
  reviews = 0;

  add(token: string, role: Role, identity: Identity = {}): void {
    this.people.set(token, { user: token, ...identity });
    this.roles.set(token, role);
  }

  identify({ token = '' }: Credentials): Promise<Identity> {
    if (this.away) return Promise.reject(this.away);
    const identity = this.people.get(token);
    return identity ? Promise.resolve(identity) : Promise.reject(new CoscribeError('unauthenticated'));
  }

  async reader(credentials: Credentials): Promise<() => Promise<boolean>> {
    const { user = '' } = await this.identify(credentials);
    return async () => this.roles.has(user);
  }

  async admit(credentials: Credentials, _document: DocumentId): Promise<Grant> {
    return this.grant(await this.identify(credentials));
  }

  async review({ identity }: Grant): Promise<Grant> {
    this.reviews++;
    if (this.away) throw this.away;
    return this.grant(identity);
  }

  private grant(identity: Identity): Grant {
    const role = this.roles.get(identity.user ?? '');
    if (role === undefined) throw new CoscribeError('no-access');
    const { expiresAt } = identity;
    return { identity, role, ...(expiresAt !== undefined && { expiresAt }) };
  }
}
