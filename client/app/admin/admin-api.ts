import type { AdminDocument, AdminDocumentList, AdminVerification } from '../../../shared/admin.js';
import type { DocumentId } from '../../../shared/ids.js';
import { askApi, openApi } from '../api.js';

/** What a document can be taken along as, with what people call it. */
export const EXPORTS = [
  ['markdown', 'Markdown', 'md'],
  ['plain', 'plain text', 'txt'],
  ['json', 'JSON', 'json'],
  ['yjs', 'Yjs update', 'yjs'],
] as const;
export type ExportFormat = (typeof EXPORTS)[number][0];

const BASE = '/api/admin';
/** Work on a large document may take so many milliseconds. */
const WORK_MS = 60_000;

/** What operators can ask of the server. Everything throws `ApiError` with a sentence for people. */
export class AdminApi {
  /** @param token what shows that somebody is an operator, if that is needed */
  constructor(private readonly token: () => string | undefined) {}

  events(signal: AbortSignal): Promise<Response> {
    return openApi(`${BASE}/events`, { token: this.token() }, signal);
  }

  /** Documents whose names begin so, by name. */
  async find(prefix: string, limit: number): Promise<AdminDocumentList> {
    const query = new URLSearchParams({ order: 'name', prefix, limit: String(limit) });
    return (await this.ask('GET', `/documents?${query}`)) as AdminDocumentList;
  }

  async document(id: DocumentId): Promise<AdminDocument> {
    return (await this.ask('GET', `/documents/${id}`)) as AdminDocument;
  }

  async compact(id: DocumentId): Promise<void> {
    await this.work(`/documents/${id}/compact`);
  }

  async verify(id: DocumentId): Promise<AdminVerification> {
    return (await (await this.work(`/documents/${id}/verify`)).json()) as AdminVerification;
  }

  async export(id: DocumentId, format: ExportFormat): Promise<Blob> {
    const signal = AbortSignal.timeout(WORK_MS);
    const query = new URLSearchParams({ format });
    const response = await openApi(
      `${BASE}/documents/${id}/export?${query}`,
      { token: this.token() },
      signal,
    );
    return response.blob();
  }

  async endSession(id: string): Promise<void> {
    await this.ask('DELETE', `/sessions/${encodeURIComponent(id)}`);
  }

  async drain(node: string): Promise<void> {
    await this.ask('POST', `/nodes/${encodeURIComponent(node)}/drain`);
  }

  async undrain(node: string): Promise<void> {
    await this.ask('DELETE', `/nodes/${encodeURIComponent(node)}/drain`);
  }

  private async ask(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<unknown> {
    return (await askApi(BASE + path, { method, token: this.token() })).value;
  }

  private work(path: string): Promise<Response> {
    const request = { method: 'POST', token: this.token() } as const;
    return openApi(BASE + path, request, AbortSignal.timeout(WORK_MS));
  }
}
