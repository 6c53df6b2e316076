import type { WireError } from '../../shared/errors.js';
import { type Role, roleReaches } from '../../shared/protocol.js';
import type { CoscribeProvider } from '../provider.js';
import type { RejectedEdits, ReplacedCopy } from '../rejected-edits.js';
import { hideToken } from './address.js';
import { wireErrorOf } from './api.js';
import { Copies } from './copies.js';
import type { DocumentAccess } from './document-access.js';
import type { DocumentApi } from './document-api.js';
import type { CopyOptions, CopyView, DocumentCopy } from './document-copy.js';
import { isPersonal } from './kept-scope.js';
import { endsAccess } from './notice.js';
import { fateOf, mustForget } from './refused-changes.js';
import { roleChange } from './role-text.js';

/** A copy that comes apart so soon after the last one is not replaced without asking, in milliseconds. */
const RENEW_EVERY_MS = 10 * 60_000;

interface OpenDocumentOptions {
  readonly access: DocumentAccess;
  readonly api: DocumentApi;
  readonly view: CopyView;
  copyOptions(): CopyOptions;
  /** What was written is not in the document, and the page is about to show it no longer. */
  refused(error: WireError, edits: RejectedEdits): void;
  /** The document was reset, and this is what was here of it; the page goes on with the new one. */
  replaced(copy: ReplacedCopy): void;
  changed(): void;
  peopleChanged(): void;
  toast(message: string): void;
}

/** The document at this page, whatever becomes of the right to see it and to write in it. */
export class OpenDocument {
  readonly #options: OpenDocumentOptions;
  readonly #copies: Copies;
  #role: Role | undefined;
  #closedBy: WireError | undefined;
  /** Whether the role of the copy that takes part has been looked at. */
  #entered = false;
  #everSynced = false;
  #isHere = false;
  #rejected = false;
  /** Unsaved changes that a refusal has left on this device. */
  #keptChanges = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OpenDocumentOptions) {
    this.#options = options;
    this.#copies = new Copies({
      options: options.copyOptions,
      view: options.view,
      follow: (copy) => this.#follow(copy),
    });
  }

  /** Called once, when the page is ready for what comes. */
  begin(): void {
    this.#copies.begin();
  }

  /** What takes part. */
  get provider(): CoscribeProvider {
    return this.#copies.current.provider;
  }

  get text(): string {
    return this.#copies.text;
  }

  /** What the person may do here, or could when the document was last open. */
  get role(): Role | undefined {
    return this.#role ?? this.provider.role ?? this.#options.access.expectedRole;
  }

  get unsavedChanges(): number {
    return this.#closedBy === undefined ? this.provider.unsavedChanges : 0;
  }

  /** Whether the document is open no longer, and does not open again by itself. */
  get isClosed(): boolean {
    const { status } = this.provider;
    if (this.#closedBy !== undefined || status === 'destroyed') return true;
    return (status === 'denied' && !this.#goesOn) || (status === 'diverged' && !this.#mayRenew);
  }

  /** Why it is closed, or not open yet. */
  get error(): WireError | undefined {
    return this.#closedBy ?? this.provider.error;
  }

  /** Whether the server refused something that the page still shows. */
  get hasRejected(): boolean {
    return this.#rejected;
  }

  /** Whether this page has had the document of the server at any time. */
  get everSynced(): boolean {
    return this.#everSynced;
  }

  /** Whether the page has the document, if only as this device has kept it. */
  get isHere(): boolean {
    return this.#isHere;
  }

  /** Whether what is unsaved outlasts this page. */
  get isKept(): boolean {
    return this.provider.keeping === 'kept' && !this.#rejected;
  }

  /** Unsaved changes that were not taken, and that this device keeps until they may be. */
  get keptChanges(): number {
    return this.#keptChanges;
  }

  /** Whether something can be written now. Until a new copy has come, nobody writes into the old one. */
  get isWritable(): boolean {
    const { status, keeping } = this.provider;
    const { role } = this;
    if (role === undefined || !roleReaches(role, 'editor') || keeping === 'loading') return false;
    return !this.isClosed && status !== 'denied' && this.#copies.isCurrentShown;
  }

  /** Nothing of it stays on this device. */
  forget(): void {
    this.#copies.current.forget();
  }

  /** The editor may have become read-only. */
  editorChanged(): void {
    this.#copies.editorChanged();
  }

  /** The token has changed: the document is opened with the new one as soon as nothing unsaved would be left behind. */
  openAnew(): void {
    const { provider } = this;
    const look = (): void => {
      const isOver = provider !== this.provider || this.isClosed;
      if (!isOver && provider.unsavedChanges > 0) return;
      provider.off('change', look);
      // Not in the middle of what the provider is doing.
      queueMicrotask(() => {
        if (provider === this.provider) this.#renew();
      });
    };
    provider.on('change', look);
    look();
  }

  /** Undoes the deletion. Told by a toast if that fails. */
  async restore(): Promise<void> {
    try {
      await this.#options.api.restore();
      this.#renew('Restored');
    } catch (thrown) {
      this.#options.toast(wireErrorOf(thrown).message);
    }
  }

  get #mayRenew(): boolean {
    return performance.now() - this.#renewedAt >= RENEW_EVERY_MS;
  }

  /** Whether a refusal leads on to another copy, or to another reason to be found out. */
  get #goesOn(): boolean {
    const { error } = this.provider;
    return error?.code === 'read-only' || error?.code === 'generation-changed' || endsAccess(error);
  }

  #follow(copy: DocumentCopy): void {
    const { provider } = copy;
    this.#entered = false;
    provider.on('change', () => this.#changed(copy));
    provider.on('rejected', (error, edits) => this.#refused(copy, error, edits));
    provider.on('replaced', (replaced) => this.#options.replaced(replaced));
    provider.on('diverged', () => this.#diverged());
    provider.awareness.on('change', this.#options.peopleChanged);
    this.#options.changed();
    this.#options.peopleChanged();
  }

  #refused({ provider, scope }: DocumentCopy, error: WireError, edits: RejectedEdits): void {
    // They come along with the copy.
    if (error.code === 'generation-changed') return;
    const isKept = provider.keeping === 'kept';
    const fate = fateOf(error, { isKept, isPersonal: isPersonal(scope) });
    if (fate === 'handed-back') this.#options.refused(error, edits);
    else if (fate === 'kept') this.#keptChanges = edits.changes;
    else this.#rejected = true;
  }

  #changed(copy: DocumentCopy): void {
    if (copy !== this.#copies.current) return;
    const { status, role, keeping } = copy.provider;
    // Of what was never synced here, the kept copy knows the role.
    this.#isHere ||= status === 'synced' || (keeping === 'kept' && role !== undefined);
    if (status === 'synced') {
      this.#everSynced = true;
      if (role !== undefined) this.#mayDo(role);
    }
    // Not in the middle of what the provider is doing.
    if (status === 'denied' && this.#goesOn) queueMicrotask(() => void this.#denied(copy));
    this.#options.changed();
  }

  #mayDo(role: Role): void {
    const said = this.#role && roleChange(this.#role, role);
    if (said !== undefined) this.#options.toast(said);
    if (this.#entered && this.#role === role) return;
    this.#role = role;
    this.#entered = true;
    void this.#options.access.opened(role).then((opensAgain) => {
      if (opensAgain) hideToken();
    });
  }

  async #denied(copy: DocumentCopy): Promise<void> {
    const { error } = copy.provider;
    if (copy !== this.#copies.current || this.#closedBy !== undefined || error === undefined) return;
    if (error.code === 'read-only' || error.code === 'generation-changed') {
      this.#renew(error.code === 'read-only' ? undefined : 'Opened anew: the document was replaced');
      return;
    }
    if (mustForget(error, isPersonal(copy.scope))) copy.forget();
    this.#close(error);
    if (error.code === 'document-deleted') return;
    const why = await this.#whyDenied(error);
    if (copy !== this.#copies.current || why === undefined) return;
    if (why.code === 'document-deleted') this.#close(why);
    else if (this.#options.access.refused()) {
      const said = 'That link doesn’t open it any more; opened with the access that you had';
      this.#renew(said);
    } else this.#close(why);
  }

  /**
   * To its owners alone a document that was deleted is not the same as one that never was.
   *
   * @returns `undefined` if it can't be found out now: what lets an owner restore it must not be given up then
   */
  async #whyDenied(error: WireError): Promise<WireError | undefined> {
    if (error.code !== 'no-access' || this.role !== 'owner') return error;
    try {
      await this.#options.api.facts();
      return undefined;
    } catch (thrown) {
      const found = wireErrorOf(thrown);
      return endsAccess(found) ? found : undefined;
    }
  }

  /** Nothing of the document is shown any longer. */
  #close(error: WireError): void {
    this.#closedBy = error;
    this.#copies.hide();
    this.#options.changed();
    this.#options.peopleChanged();
  }

  /** @param said once the new copy is there */
  #renew(said?: string): void {
    this.#closedBy = undefined;
    this.#rejected = false;
    this.#keptChanges = 0;
    this.#copies.renew(() => {
      if (said !== undefined) this.#options.toast(said);
      this.#options.changed();
    });
  }

  /** What this page shows is wrong. Everything that was written here is in the document, or was handed back. */
  #diverged(): void {
    if (!this.#mayRenew) return;
    this.#renewedAt = performance.now();
    this.#renew('Loaded again: this page showed another text than the document');
  }
}
