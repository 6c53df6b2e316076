import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Random } from '../../shared/time.js';

export type NameCheck =
  | { readonly ok: true; readonly id: DocumentId }
  /** What is wrong, and a name that would do, if one is near. */
  | { readonly ok: false; readonly message: string; readonly suggestion: string | undefined };

const MAX_PART = 64;
const EITHER = new Intl.ListFormat('en', { type: 'disjunction' });

/** Checks what somebody typed as a document's name. The rule itself is `parseDocumentId`'s. */
export function checkName(typed: string): NameCheck {
  const raw = typed.trim();
  if (raw === '') return { ok: false, message: 'Type a name for the document.', suggestion: undefined };
  try {
    return { ok: true, id: parseDocumentId(raw) };
  } catch {
    return { ok: false, message: explain(raw), suggestion: suggestName(raw) };
  }
}

/** Path of the page that edits a document. */
export function documentPath(id: DocumentId): string {
  return `/d/${id}`;
}

/** Where the address of a document's page leads that somebody pasted instead of a name; `undefined` if it is none. */
export function pastedAddress(raw: string, origin: string): string | undefined {
  const typed = raw.trim();
  if (!typed.startsWith(`${origin}/d/`) || !URL.canParse(typed)) return undefined;
  const { pathname, hash } = new URL(typed);
  return pathname.startsWith('/d/') ? pathname + hash : undefined;
}

/** The nearest valid name to what was typed: "Café menu" → "cafe-menu"; `undefined` if nothing is left of it. */
export function suggestName(raw: string): string | undefined {
  const parts = raw
    .split('/')
    .map(slug)
    .filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.slice(0, 2).join('/');
}

/** A name nobody is likely to have: "page-k3v9tq". */
export function freshName(random: Random): string {
  const letters = '23456789abcdefghjkmnpqrstuvwxyz';
  const tail = Array.from({ length: 6 }, () => letters[Math.floor(random() * letters.length)]).join('');
  return `page-${tail}`;
}

function explain(raw: string): string {
  const parts = raw.split('/');
  if (parts.length > 2) return 'A name has one “/” at most: it separates the workspace from the name.';
  if (parts.includes('')) return 'There must be something before and after the “/”.';
  const wrong = new Set(raw.match(/[^A-Za-z0-9._/\s-]/gu)?.map((character) => `“${character}”`));
  const shown = [...(/\s/.test(raw) ? ['spaces'] : []), ...wrong].slice(0, 4);
  if (shown.length > 0) return `A name can’t have ${EITHER.format(shown)} in it.`;
  if (parts.some((part) => part.startsWith('.'))) return 'A name can’t begin with a dot.';
  return `A name has ${MAX_PART} characters at most.`;
}

function slug(part: string): string {
  return part
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, MAX_PART)
    .replace(/[.-]+$/, '');
}
