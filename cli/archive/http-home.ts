import { Readable } from 'node:stream';
import type { ImportResult } from '../../server/http/archive/import-workspace.js';
import { CoscribeError, isWireError } from '../../shared/errors.js';
import { CommandError } from '../command-error.js';
import type { WorkspaceHome } from './workspace-home.js';

export interface HttpTarget {
  /** Of the server, or below which an application has put it. */
  readonly url: URL;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** The workspaces of a server that runs, over its HTTP API. */
export function httpHome({ url, token, signal }: HttpTarget): WorkspaceHome {
  const headers = { ...(token !== undefined && { Authorization: `Bearer ${token}` }) };

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const base = new URL(url.pathname.endsWith('/') ? url : `${url.origin}${url.pathname}/`);
    let response: Response;
    try {
      response = await fetch(new URL(`api/workspaces/${path}`, base), {
        ...init,
        signal,
        headers: { ...headers, ...init.headers },
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new CommandError(
        `No server answers at ${url.origin} (${reasonOf(error)}); is the address right, and does it run?`,
      );
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** Whoever ends it early, the archive has no end, and the reader is told. */
  async function* pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      signal.throwIfAborted();
      throw new CommandError(
        `The archive broke off (${reasonOf(error)}): the server ended it, or the connection.`,
      );
    }
  }

  return {
    async export(workspace) {
      const response = await ask(`${encodeURIComponent(workspace)}/export`, {});
      const { body } = response;
      if (body === null || response.headers.get('content-type') !== 'application/zip')
        throw new CoscribeError('not-coscribe');
      return Readable.from(pieces(body), { objectMode: false });
    },
    async import(workspace, archive, existing) {
      const response = await ask(`${encodeURIComponent(workspace)}/import?existing=${existing}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/zip' },
        body: Readable.toWeb(archive.stream()),
        duplex: 'half',
      } as RequestInit);
      const { documents } = (await response.json().catch(() => ({}))) as { documents?: ImportResult[] };
      if (documents === undefined) throw new CoscribeError('not-coscribe');
      return documents;
    },
    close: () => Promise.resolve(),
  };
}

/** What a server says that refuses, as an error with its sentence. */
async function refusal(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => undefined)) as { detail?: unknown } | undefined;
  const told = { ...body, message: body?.detail };
  if (!isWireError(told)) return new CoscribeError('not-coscribe', `it answered ${response.status}`);
  return new CommandError(`The server refuses: ${told.message}`);
}

/** What fetch says of it is in the cause. */
function reasonOf(error: unknown): string {
  const thrown = error as NodeJS.ErrnoException;
  const { code, message } = (thrown.cause ?? thrown) as NodeJS.ErrnoException;
  return code || message;
}
