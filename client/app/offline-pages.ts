import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { PageMode } from './page-mode.js';

/** A page that opens without a network. */
export type OfflinePage =
  | { readonly kind: 'home' }
  | {
      readonly kind: 'document';
      readonly id: DocumentId;
      /** `false`: it is another spelling of the page's address. */
      readonly isCanonical: boolean;
    };

/** What the build puts into the service worker. */
export interface PageBundle {
  /** Another one whenever anything of the pages is. */
  readonly version: string;
  /** Paths of everything that the pages load. */
  readonly assets: readonly string[];
  /** Path of the script that each page names. */
  readonly scripts: Readonly<Record<OfflinePage['kind'], string>>;
}

/** Where the server has each page; that of a document as it is before it is filled in. */
export const PAGE_PATHS: Readonly<Record<OfflinePage['kind'], string>> = {
  home: '/',
  document: '/offline/document',
};

const CACHE_PREFIX = 'coscribe-pages-';

/** Name of the cache of one release, in which pages say how one server lets people in. */
export function cacheName(version: string, mode: PageMode): string {
  return `${CACHE_PREFIX}${version}-${mode}`;
}

/** Whether it is a cache of the pages, of any release. */
export function isPageCache(name: string): boolean {
  return name.startsWith(CACHE_PREFIX);
}

/** Which page is at a path; `undefined` for everything that only the server can answer. */
export function pageAt(pathname: string): OfflinePage | undefined {
  if (pathname === '/') return { kind: 'home' };
  if (!pathname.startsWith('/d/')) return undefined;
  const given = pathname.slice('/d/'.length);
  try {
    const id = parseDocumentId(given);
    return { kind: 'document', id, isCanonical: id === given };
  } catch {
    return undefined;
  }
}

/** The page of a document as the server sends it. The characters of a name need no escaping in HTML. */
export function fillDocumentPage(page: string, id: DocumentId): string {
  const [workspace, name = ''] = id.split('/');
  const prefix = workspace === DEFAULT_WORKSPACE ? '' : `${workspace}/`;
  const values: Readonly<Record<string, string>> = { id, prefix, name };
  return page.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? '');
}
