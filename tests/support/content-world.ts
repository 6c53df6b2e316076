import { expect } from '@jest/globals';
import type { DocumentId } from '../../shared/ids.js';
import { Person } from './document-node.js';
import { type Ask, type HttpAnswer, type HttpApp, startHttpApp } from './http-app.js';

/** What is answered to a change of content. */
export interface Made {
  readonly seq: number;
  readonly generation: string;
  readonly changed: boolean;
}

/** A server, and in it a document with somebody who has it open. `ada` may read it, `eddy` may write in it. */
export class ContentWorld {
  private inside: { readonly id: DocumentId; readonly path: string; readonly reader: Person } | undefined;

  private constructor(readonly app: HttpApp) {}

  static async start(): Promise<ContentWorld> {
    const limits = { maxRequestsPerSecond: 10_000, requestBurst: 10_000 };
    return new ContentWorld(await startHttpApp({ mode: 'tokens', limits }));
  }

  /** From now on it is about another document. */
  async renew(): Promise<void> {
    const { id, path } = await this.app.newDocument();
    this.app.house.let('ada', 'viewer', id);
    this.app.house.let('eddy', 'editor', id);
    const reader = new Person('the secret of the one who reads');
    await reader.join(this.app.documents, {}, id);
    this.inside = { id, path, reader };
  }

  get id(): DocumentId {
    return this.document.id;
  }

  get path(): string {
    return this.document.path;
  }

  get reader(): Person {
    return this.document.reader;
  }

  /** Sends a request as `eddy`, unless it says otherwise. */
  send(method: string, tail: string, more: Ask = {}): Promise<HttpAnswer> {
    return this.app.ask(`${this.path}/${tail}`, { method, token: 'eddy', ...more });
  }

  put(text: string, more: Ask = {}): Promise<HttpAnswer> {
    return this.send('PUT', 'text', { text, ...more });
  }

  patch(json: unknown, more: Ask = {}): Promise<HttpAnswer> {
    return this.send('PATCH', 'text', { json, ...more });
  }

  patchJson(json: unknown): Promise<HttpAnswer> {
    return this.send('PATCH', 'json', { json, headers: { 'Content-Type': 'application/json-patch+json' } });
  }

  /** The text that the one who has it open sees. */
  shown(): string {
    this.reader.catchUp();
    return this.reader.text;
  }

  private get document(): NonNullable<ContentWorld['inside']> {
    if (this.inside === undefined) throw new Error('there is no document yet');
    return this.inside;
  }
}

/** Of a change that was made, or had nothing to change. */
export function made(answer: HttpAnswer): Made {
  expect(answer.text).toContain('"seq"');
  expect(answer.status).toBe(200);
  const json = JSON.parse(answer.text) as Made;
  expect(Object.keys(json).sort()).toEqual(['changed', 'generation', 'seq']);
  expect(answer.headers).toMatchObject({
    etag: `"${json.seq}-${json.generation}"`,
    'cache-control': 'no-store',
  });
  return json;
}
