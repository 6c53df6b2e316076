import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { AccessStore, StoredLink } from '../storage/access-store.js';
import type { DocumentStore } from '../storage/store.js';
import type { Log } from '../telemetry/log.js';
import type { AccessControl, AccessMode, Authenticator, Credentials, Grant, Identity } from './access.js';
import { bearerOf } from './bearer.js';
import { checkAccess, checkIdentity } from './identity.js';
import { isLinkToken, linkHash } from './share-links.js';

/** How long an authenticator may take, in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;
/** Whoever comes with a link has no name but the one that he gives himself. */
const LINK_HOLDER: Identity = {};

export interface GuardedAccessOptions {
  readonly mode: AccessMode;
  readonly authenticator: Authenticator;
  readonly store: Pick<AccessStore, 'findLink' | 'readLink' | 'voidedAt'> & Pick<DocumentStore, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks an authenticator, knows share links, and takes nothing that was revoked. */
export class GuardedAccess implements AccessControl {
  readonly mode: AccessMode;

  constructor(private readonly options: GuardedAccessOptions) {
    this.mode = options.mode;
  }

  async identify(credentials: Credentials): Promise<Identity> {
    const token = tokenOf(credentials);
    // A link opens its document and says nothing of who has it.
    if (isLinkToken(token)) throw new CoscribeError('unauthenticated');
    const { authenticator } = this.options;
    const shown = token === undefined ? credentials : { ...credentials, token };
    const identity = await this.answer(async () => checkIdentity(await authenticator.authenticate(shown)));
    await this.refuseEnded(identity);
    return identity;
  }

  async reader(credentials: Credentials): Promise<(document: DocumentId) => Promise<boolean>> {
    const token = tokenOf(credentials);
    if (isLinkToken(token)) {
      const link = await this.findLink(token);
      return async (document) => link?.document === document && !this.hasEnded(link);
    }
    const identity = await this.identify(credentials);
    const { authenticator } = this.options;
    return async (document) =>
      (await this.answer(async () => checkAccess(await authenticator.authorize(identity, document)))) !==
      'none';
  }

  async admit(credentials: Credentials, document: DocumentId, evenDeleted = false): Promise<Grant> {
    const token = tokenOf(credentials);
    if (isLinkToken(token)) {
      const link = await this.findLink(token, evenDeleted);
      if (link !== undefined && link.document !== document) await this.refuseEarlierName(link, document);
      return this.grantOf(link, document);
    }
    return this.authorize(await this.identify(credentials), document);
  }

  async review({ identity, link: id }: Grant, document: DocumentId): Promise<Grant> {
    if (id !== undefined) return this.grantOf(await this.options.store.readLink(document, id), document);
    await this.refuseEnded(identity);
    return this.authorize(identity, document);
  }

  private async authorize(identity: Identity, document: DocumentId): Promise<Grant> {
    const { authenticator } = this.options;
    const role = await this.answer(async () =>
      checkAccess(await authenticator.authorize(identity, document)),
    );
    if (role === 'none') throw new CoscribeError('no-access');
    const { expiresAt } = identity;
    return { identity, role, ...(expiresAt !== undefined && { expiresAt }) };
  }

  private async findLink(token: string, evenDeleted = false): Promise<StoredLink | undefined> {
    const hash = linkHash(token);
    return hash && (await this.options.store.findLink(hash, evenDeleted));
  }

  /** Whoever has a link to a document may know that it has another name now. @throws CoscribeError `document-moved` */
  private async refuseEarlierName(link: StoredLink, asked: DocumentId): Promise<void> {
    if (this.hasEnded(link)) return;
    const found = await this.options.store.find(asked);
    if (found?.movedTo === link.document) throw new CoscribeError('document-moved');
  }

  private grantOf(link: StoredLink | undefined, document: DocumentId): Grant {
    if (link?.document !== document || this.hasEnded(link)) throw new CoscribeError('no-access');
    const { id, role, expiresAt } = link;
    return { identity: LINK_HOLDER, role, link: id, ...(expiresAt !== undefined && { expiresAt }) };
  }

  private hasEnded({ expiresAt }: { readonly expiresAt?: number }): boolean {
    return expiresAt !== undefined && expiresAt <= this.options.clock.wall();
  }

  private async refuseEnded(identity: Identity): Promise<void> {
    const { user, tokenId, issuedAt } = identity;
    const { store } = this.options;
    if (this.hasEnded(identity)) throw new CoscribeError('token-expired');
    if (user === undefined && tokenId === undefined) return;
    const voided = await store.voidedAt(user, tokenId);
    // Of a token that does not say when it was made nothing shows that it is newer.
    if (voided !== undefined && (issuedAt === undefined || issuedAt <= voided))
      throw new CoscribeError('unauthenticated', 'the token was revoked');
  }

  /** Whatever an authenticator does, it does it to nobody but those whom it was asked about. */
  private async answer<T>(ask: () => Promise<T>): Promise<T> {
    const { clock, log } = this.options;
    let expire = (): void => {};
    const expired = new Promise<never>((_, reject) => {
      expire = () => reject(new Error(`it did not answer within ${ANSWER_WITHIN_MS} ms`));
    });
    const timer = clock.schedule(ANSWER_WITHIN_MS, expire);
    try {
      return await Promise.race([ask(), expired]);
    } catch (thrown) {
      if (thrown instanceof CoscribeError) throw thrown;
      log.error({ err: thrown }, 'the authenticator failed');
      throw new CoscribeError('internal', undefined, { cause: thrown });
    } finally {
      clock.cancel(timer);
    }
  }
}

/** HTTP's way of saying it counts where the protocol has no other. */
function tokenOf(credentials: Credentials): string | undefined {
  return credentials.token ?? bearerOf(credentials);
}
