import { expect } from '@jest/globals';
import type { Operation } from '../../server/documents/permissions.js';
import type { ClientToServerEvents } from '../../shared/protocol.js';
import type { AccessWorld, TestDocument } from './access-world.js';
import type { ApiAnswer } from './http-api.js';
import type { TransportName } from './raw-client.js';

/** Somebody at a document: `token` is what he has. */
export interface Visit {
  readonly world: AccessWorld;
  readonly document: TestDocument;
  readonly token: string | undefined;
  /** Of our own protocol; the others have one only. */
  readonly transport: TransportName;
}

/** Tries something. @returns `ok`, or the code with which it was refused */
export type Attempt = (visit: Visit) => Promise<string>;

export interface AccessOperation {
  readonly protocol: 'Socket.IO' | 'HTTP' | 'y-websocket';
  /** What `permissions.ts` calls it; none for what concerns no document that is there. */
  readonly needs?: Operation;
  /** Messages of our protocol that it stands for. */
  readonly messages?: readonly (keyof ClientToServerEvents)[];
  /** Before somebody tries it, as the owner. */
  readonly before?: (document: TestDocument) => Promise<unknown>;
  readonly attempt: Attempt;
  /** What must be the same after a refusal. Everything in the document, unless given. */
  readonly untouched?: (document: TestDocument) => Promise<unknown>;
}

/** Asks the API for something below the document. */
export function asked(method: string, path: string, body?: unknown): Attempt {
  return async ({ document, token }) => outcome(await document.ask(method, path, { token, body }));
}

/** What comes of a request: `ok`, or the code with which it was refused. */
export function outcome({ code, status }: ApiAnswer): string {
  if (code === undefined) expect(status).toBeLessThan(300);
  return code ?? 'ok';
}
