import { CoscribeError } from '../../shared/errors.js';
import type { Role } from '../../shared/protocol.js';
import type { Position } from '../copies/copies.js';

/** An entity tag (RFC 9110, 8.8.3): what is between its quotes, and whether it is a weak one. */
interface Tag {
  readonly opaque: string;
  readonly weak: boolean;
}

/** What a condition names: any version there is, or these. */
type Named = 'any' | readonly Tag[];

const TAG = /^\s*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/;

/**
 * The entity tag of a document's content: the same content always has the same one, another one has another.
 *
 * @param role of whoever is told about the document: another one is told something else
 */
export function tagOf({ generation, seq }: Position, role?: Role): string {
  return `"${seq}-${generation}${role === undefined ? '' : `~${role}`}"`;
}

/** Whether the content may be changed, or read, where it is. `undefined`: there is none. */
export type IfMatch =
  /** The request has no such condition. */
  | { readonly kind: 'always' }
  /** There has to be a document. */
  | { readonly kind: 'present' }
  /** It has to be at one of these; there may be none. */
  | { readonly kind: 'at'; readonly positions: readonly Position[] };

/**
 * Reads `If-Match`. Compared strongly, as RFC 9110 wants it: a weak tag never fits, and so names nothing.
 *
 * @throws CoscribeError `bad-request`
 */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined) return { kind: 'always' };
  const named = parseTags('If-Match', header);
  if (named === 'any') return { kind: 'present' };
  const positions = named.filter(({ weak }) => !weak).flatMap(({ opaque }) => positionIn(opaque) ?? []);
  return { kind: 'at', positions };
}

/** Whether content that is at `position` is what a request with `If-Match` means. */
export function matches(condition: IfMatch, position: Position | undefined): boolean {
  if (condition.kind === 'always') return true;
  if (position === undefined) return false;
  return condition.kind === 'present' || condition.positions.some((one) => isSame(one, position));
}

/**
 * Whether `If-None-Match` says that the sender has this already. Compared weakly, as RFC 9110 wants it.
 *
 * @param role as `tagOf`
 * @throws CoscribeError `bad-request`
 */
export function isKnown(header: string | undefined, position: Position, role?: Role): boolean {
  if (header === undefined) return false;
  const named = parseTags('If-None-Match', header);
  return named === 'any' || named.some(({ opaque }) => `"${opaque}"` === tagOf(position, role));
}

function isSame(one: Position, other: Position): boolean {
  return one.seq === other.seq && one.generation === other.generation;
}

function parseTags(name: string, header: string): Named {
  if (header.trim() === '*') return 'any';
  const tags: Tag[] = [];
  let rest = header;
  while (rest.trim() !== '') {
    const found = TAG.exec(rest);
    if (found === null)
      throw new CoscribeError('bad-request', `"${name}" must be * or entity tags such as "12-…", in quotes`);
    tags.push({ opaque: found[2] ?? '', weak: found[1] !== undefined });
    rest = rest.slice(found[0].length);
  }
  return tags;
}

/** Where a document stood whose tag, or that of what was told about it, this is. */
function positionIn(opaque: string): Position | undefined {
  const [, seq, generation] = /^(0|[1-9]\d{0,15})-(.+?)(?:~(?:viewer|editor|owner))?$/.exec(opaque) ?? [];
  return seq === undefined || generation === undefined ? undefined : { seq: Number(seq), generation };
}
