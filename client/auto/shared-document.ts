import * as Y from 'yjs';
import { colorFor, DEFAULT_NAME } from '../../shared/presence-user.js';
import { CoscribeProvider } from '../provider.js';
import type { ReplacedCopy } from '../rejected-edits.js';
import type { AutoOptions, Rejected } from './auto-options.js';
import { hexOf } from './css-color.js';
import type { FieldRequest } from './field-request.js';
import { askBeforeLeaving } from './leaving.js';

/** A field, as far as its document knows it. */
export interface DocumentUser {
  /** Whether the browser is to ask before what is written in it is lost. */
  readonly asks: boolean;
  /** The provider's state has changed, or the provider itself. */
  changed(): void;
  handBack(rejected: Rejected): void;
  /** @returns whether the page has taken it */
  replaced(copy: ReplacedCopy): boolean;
}

/** Refusals after which a copy that begins anew may take part. */
const BEGIN_ANEW: readonly string[] = ['generation-changed', 'read-only'];

/** A copy that comes apart again so soon, in milliseconds, is not replaced. */
const RENEW_AT_MOST_EVERY = 10_000;

/** The document of all fields of a page that ask for the same one in the same way: they share a provider. */
export class SharedDocument {
  readonly #key: string;
  readonly #request: FieldRequest;
  readonly #options: AutoOptions;
  readonly #users = new Set<DocumentUser>();
  #provider: CoscribeProvider;
  /** As the fields say, or those said that have left. */
  #asks = true;
  /** The provider has handed back what it could not save: this page has it, and it is kept nowhere. */
  #handedBack = false;
  #renewing = false;
  #renewedAt = Number.NEGATIVE_INFINITY;

  /**
   * Opens a document, or takes part in it.
   *
   * @throws TypeError or CoscribeError with a sentence, if what is asked for cannot be
   */
  static join(request: FieldRequest, options: AutoOptions, user: DocumentUser): SharedDocument {
    const { document, url, token, offline } = request;
    const key = JSON.stringify([document, url ?? options.url, options.path, token, offline]);
    const shared = open.get(key) ?? new SharedDocument(key, request, options);
    open.set(key, shared);
    shared.#users.add(user);
    shared.introduce(request);
    shared.guard();
    return shared;
  }

  private constructor(key: string, request: FieldRequest, options: AutoOptions) {
    this.#key = key;
    this.#request = request;
    this.#options = options;
    this.#provider = this.#connect();
  }

  /** What takes part now; another one when the document was reset. */
  get provider(): CoscribeProvider {
    return this.#provider;
  }

  /** Tells the others who this is, where the element says so. */
  introduce({ name, color }: FieldRequest): void {
    const { awareness, doc } = this.#provider;
    if (name === undefined && color === undefined) return;
    const hex = color === undefined ? undefined : hexOf(color);
    if (color !== undefined && hex === undefined)
      console.warn(
        `Coscribe: data-coscribe-color="${color}" is no colour that others can be told of; they see another one.`,
      );
    awareness.setLocalStateField('user', {
      name: name ?? DEFAULT_NAME,
      color: hex ?? colorFor(doc.clientID),
    });
  }

  /** Looks anew whether the browser is to ask before it leaves the page. */
  guard(): void {
    const { status, unsavedChanges, keeping } = this.#provider;
    if (this.#users.size > 0) this.#asks = [...this.#users].some(({ asks }) => asks);
    const wouldLose =
      unsavedChanges > 0 && status !== 'destroyed' && (keeping !== 'kept' || this.#handedBack);
    askBeforeLeaving(this, this.#asks && wouldLose);
  }

  /** What is not saved yet is saved after the last field has left. */
  leave(user: DocumentUser): void {
    this.#users.delete(user);
    if (this.#users.size > 0) return;
    open.delete(this.#key);
    const provider = this.#provider;
    const end = () => provider.destroy();
    provider.whenSaved().then(end, end);
  }

  #connect(): CoscribeProvider {
    const { document, token, offline } = this.#request;
    const { path, getToken, keepOffline } = this.#options;
    const url = this.#request.url ?? this.#options.url;
    if (offline !== undefined && keepOffline === undefined)
      throw new TypeError('data-coscribe-offline needs the option keepOffline of bindAll.');
    const provider = new CoscribeProvider({
      document,
      doc: new Y.Doc(),
      url,
      path,
      token,
      getToken: token === undefined ? getToken : undefined,
      offline: offline === undefined ? undefined : keepOffline?.(offline === '' ? {} : { scope: offline }),
    });
    provider.on('change', () => this.#changed(provider));
    provider.on('rejected', (error, edits) => {
      this.#handedBack = true;
      for (const user of this.#users) user.handBack({ error, edits });
    });
    provider.on('replaced', (copy) => [...this.#users].map((user) => user.replaced(copy)).includes(true));
    return provider;
  }

  #changed(provider: CoscribeProvider): void {
    if (provider !== this.#provider || this.#renewing) return;
    const { status, error } = provider;
    if (status === 'synced') this.#handedBack = false;
    this.guard();
    const isOver = status === 'diverged' || (status === 'denied' && BEGIN_ANEW.includes(error?.code ?? ''));
    // Not in the middle of what the provider is doing.
    if (isOver && performance.now() - this.#renewedAt > RENEW_AT_MOST_EVERY)
      queueMicrotask(() => this.#renew(provider));
    for (const user of this.#users) user.changed();
  }

  #renew(old: CoscribeProvider): void {
    if (old !== this.#provider || this.#users.size === 0) return;
    this.#renewedAt = performance.now();
    const state = old.awareness.getLocalState()?.user;
    this.#renewing = true;
    old.destroy();
    this.#handedBack = false;
    this.#provider = this.#connect();
    this.#renewing = false;
    this.guard();
    if (state !== undefined) this.#provider.awareness.setLocalStateField('user', state);
    for (const user of this.#users) user.changed();
  }
}

const open = new Map<string, SharedDocument>();
