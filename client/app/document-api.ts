import { CoscribeError } from '../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { ROLES, type Role } from '../../shared/protocol.js';
import { ApiError, askApi, wireErrorOf } from './api.js';
import { endsAccess } from './notice.js';
import { type ListedLink, type NewLink, readLinks } from './share-links.js';

/** What a document says of itself to those who may read it. */
export interface DocumentFacts {
  readonly role: Role;
  /** ISO 8601 */
  readonly updatedAt: string;
}

/** What somebody may do in a document with a token; `undefined` if nothing. @throws ApiError if that is not to be found out */
export async function roleWith(token: string, id: DocumentId): Promise<Role | undefined> {
  try {
    return (await new DocumentApi(id, () => token).facts()).role;
  } catch (thrown) {
    if (endsAccess(wireErrorOf(thrown))) return undefined;
    throw thrown;
  }
}

/** What an owner does with one document, over HTTP. Every method throws an `ApiError`. */
export class DocumentApi {
  readonly #path: string;
  readonly #token: () => string | undefined;

  constructor(id: DocumentId, token: () => string | undefined) {
    this.#path = `/api/documents/${id}`;
    this.#token = token;
  }

  async facts(): Promise<DocumentFacts> {
    const { value } = await askApi(this.#path, { token: this.#token() });
    const { role: said, updatedAt } = Object(value) as Record<string, unknown>;
    const role = ROLES.find((name) => name === said);
    if (role === undefined) throw senseless();
    return { role, updatedAt: String(updatedAt) };
  }

  /** What it is called now: who may read it is sent there. */
  async name(): Promise<DocumentId> {
    const { value } = await askApi(this.#path, { token: this.#token() });
    return parseDocumentId((Object(value) as Record<string, unknown>).id);
  }

  /** With the server's time, in milliseconds since the Unix epoch. */
  async links(): Promise<{ readonly links: readonly ListedLink[]; readonly now: number }> {
    const { value, now } = await askApi(`${this.#path}/links`, { token: this.#token() });
    return { links: readLinks(value), now };
  }

  /** @returns the token, which is told this once */
  async makeLink({ role, label, expiresInMs }: NewLink): Promise<string> {
    const body = {
      role,
      ...(label !== '' && { label }),
      ...(expiresInMs !== undefined && { expiresIn: Math.round(expiresInMs / 1000) }),
    };
    const answer = await askApi(`${this.#path}/links`, { method: 'POST', token: this.#token(), body });
    return tokenIn(answer.value);
  }

  async revoke(linkId: string): Promise<void> {
    const path = `${this.#path}/links/${encodeURIComponent(linkId)}`;
    await askApi(path, { method: 'DELETE', token: this.#token() });
  }

  async remove(): Promise<void> {
    await askApi(this.#path, { method: 'DELETE', token: this.#token() });
  }

  async restore(): Promise<void> {
    await askApi(`${this.#path}/restore`, { method: 'POST', token: this.#token() });
  }
}

/** A new document and the token of its owner. @throws ApiError */
export async function createDocument(
  id: DocumentId | undefined,
  token: string | undefined,
): Promise<{ readonly id: DocumentId; readonly token: string | undefined }> {
  const body = id === undefined ? {} : { id };
  const { value } = await askApi('/api/documents', { method: 'POST', token, body });
  const { id: made, link } = Object(value) as Record<string, unknown>;
  return { id: parseDocumentId(made), token: link === undefined ? undefined : tokenIn(link) };
}

/** Of a new link. */
function tokenIn(link: unknown): string {
  const { token } = Object(link) as Record<string, unknown>;
  if (typeof token !== 'string') throw senseless();
  return token;
}

function senseless(): ApiError {
  return new ApiError(new CoscribeError('internal').toWire());
}
