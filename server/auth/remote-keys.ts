import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { Log } from '../telemetry/log.js';

/** Older keys are fetched again before they are used: one of them may have been withdrawn. */
export const REFRESH_AFTER_MS = 600_000;
/** While that fails, those at hand are used on, but no longer than this. */
export const KEEP_FOR_MS = 3_600_000;
/** Whatever clients send, the keys are not fetched more often. */
export const COOLDOWN_MS = 10_000;
/** How long a fetch may take, with the body. */
export const FETCH_WITHIN_MS = 5_000;
/** More is no set of keys. */
const MAX_BYTES = 262_144;

/**
 * Public keys out of a JWK Set (RFC 7517) at an address. Not jose's own remote set: that one fetches again for every token while
 * fetching fails, so that anybody could make it do so, and has no use for the keys it had until then.
 */
export class RemoteKeys {
  private keys: JWTVerifyGetKey | undefined;
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private pending: Promise<void> | undefined;

  constructor(
    private readonly url: URL,
    private readonly options: { readonly clock: Clock; readonly log: Log },
  ) {}

  /** Fetches the keys before they are needed. That it fails is only logged. */
  prepare(): void {
    void this.tryFetch();
  }

  /**
   * The key that a token names, in the form in which jose asks for it.
   *
   * @throws CoscribeError `keys-unavailable`; JOSEError if there is no such key, or more than one
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const age = this.options.clock.monotonic() - this.fetchedAt;
    if (this.keys === undefined || age > KEEP_FOR_MS) return (await this.fetchedKeys())(header, token);
    if (age > REFRESH_AFTER_MS) await this.tryFetch();
    try {
      return await this.keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // It may be a new one. While that can't be asked, nobody is told for good that his token is wrong.
      return (await this.fetchedKeys())(header, token);
    }
  };

  private async fetchedKeys(): Promise<JWTVerifyGetKey> {
    await this.fetchOnce();
    if (this.keys === undefined) throw new CoscribeError('keys-unavailable');
    return this.keys;
  }

  private async tryFetch(): Promise<void> {
    try {
      await this.fetchOnce();
    } catch {
      // It is in the log, and the keys at hand will do.
    }
  }

  private fetchOnce(): Promise<void> {
    if (this.pending !== undefined) return this.pending;
    const now = this.options.clock.monotonic();
    if (now - this.triedAt < COOLDOWN_MS) return Promise.reject(new CoscribeError('keys-unavailable'));
    this.triedAt = now;
    this.pending = this.fetch().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async fetch(): Promise<void> {
    const { clock, log } = this.options;
    const abort = new AbortController();
    const timer = clock.schedule(FETCH_WITHIN_MS, () => abort.abort());
    try {
      const headers = { accept: 'application/jwk-set+json, application/json' };
      const response = await fetch(this.url, { headers, redirect: 'error', signal: abort.signal });
      if (!response.ok) throw new Error(`the answer is ${response.status}`);
      this.keys = createLocalJWKSet(JSON.parse(await readText(response)) as JSONWebKeySet);
      this.fetchedAt = clock.monotonic();
    } catch (error) {
      log.warn(
        { err: error, host: this.url.host },
        'the keys that tokens are checked with could not be fetched',
      );
      throw new CoscribeError('keys-unavailable', undefined, { cause: error });
    } finally {
      clock.cancel(timer);
    }
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
