import type { Role } from '../../shared/protocol.js';
import { askApi, jsonOf } from './http-api.js';

/** A share link as it is when it is new. */
export interface NewLink {
  readonly id: string;
  readonly token: string;
}

/** A new document of a server with links, and what its owner does without a page. */
export async function linkedDocument(url: string, id: string) {
  const made = jsonOf<{ link: NewLink }>(await askApi(url, 'POST', 'documents', { body: { id } }));
  const owner = made.link.token;
  const links = `documents/${id}/links`;
  return {
    /** The address of its page. */
    page: `${url}/d/${id}`,
    owner,
    link: async (role: Role, more: Record<string, unknown> = {}) =>
      jsonOf<NewLink>(await askApi(url, 'POST', links, { token: owner, body: { role, ...more } })),
    move: (to: string) => askApi(url, 'POST', `documents/${id}/move`, { token: owner, body: { to } }),
    revoke: (linkId: string) => askApi(url, 'DELETE', `${links}/${linkId}`, { token: owner }),
  };
}
