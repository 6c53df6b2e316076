import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_AFTER_MS = 50;
const TIMEOUT_MS = 2_000;

/** A script that works on a document over HTTP, and repeats what was not answered under the same key. */
export class HttpWriter {
  /** Requests that were sent again. */
  repeated = 0;

  constructor(
    private readonly url: string,
    private readonly document: string,
    private readonly token?: string,
  ) {}

  /** Appends to the text; fulfils once that is durable. */
  append(words: string): Promise<unknown> {
    return this.write('POST', 'text/plain', words);
  }

  /** Changes the text somewhere by a delta. */
  change(operations: readonly object[]): Promise<unknown> {
    return this.write('PATCH', 'application/json', JSON.stringify(operations));
  }

  async read(): Promise<string> {
    for (;;) {
      const answer = await this.send('GET').catch(() => undefined);
      const body = await answer?.text();
      if (answer?.ok === true && body !== undefined) return body;
      await pause(AGAIN_AFTER_MS);
    }
  }

  private async write(method: string, type: string, body: string): Promise<unknown> {
    const headers = { 'Content-Type': type, 'Idempotency-Key': randomUUID() };
    for (;;) {
      const answer = await this.send(method, { headers, body }).catch(() => undefined);
      const text = await answer?.text().catch(() => undefined);
      if (answer?.ok === true && text !== undefined) return JSON.parse(text);
      if (answer !== undefined && text !== undefined && answer.status < 500 && answer.status !== 429) {
        const { retryable } = JSON.parse(text) as { readonly retryable?: boolean };
        if (retryable !== true) throw new Error(`${method}: ${answer.status} ${text}`);
      }
      this.repeated++;
      await pause(AGAIN_AFTER_MS);
    }
  }

  private send(method: string, init: RequestInit = {}): Promise<Response> {
    const authorization = this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` };
    return fetch(`${this.url}/api/documents/${this.document}/text`, {
      ...init,
      method,
      headers: { ...authorization, ...(init.headers as Record<string, string>) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }
}
