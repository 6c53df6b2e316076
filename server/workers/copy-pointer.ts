import { member } from './copy-json.js';

/** What an operation of a JSON patch does to a place, in the end. */
export type Kind = 'add' | 'remove' | 'replace';

/** Why an operation does not fit the document. */
export class Unfit extends Error {}

export function absent(path: string): Unfit {
  return new Unfit(`there is no ${quoted(path)}`);
}

/** Names what is far too long no longer than it helps. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** The parts of a JSON pointer (RFC 6901), the name of the root first. @throws Unfit */
export function partsOf(path: string): [string, ...string[]] {
  const [before, root, ...parts] = path
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (before !== '' || root === undefined) throw new Unfit('a path begins with "/" and the name of a root');
  if (root === '__proto__' || parts.includes('__proto__')) throw new Unfit('"__proto__" is no name');
  return [root, ...parts];
}

/** A pointer to what these parts name. */
export function pointerTo(parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/** @returns `undefined` if it is no number up to `last` */
export function indexIn(part: string, last: number): number | undefined {
  return INDEX.test(part) && Number(part) <= last ? Number(part) : undefined;
}

/** A plain value with something else at a place within it; the value itself stays as it is. @throws Unfit */
export function edited(
  whole: unknown,
  within: readonly string[],
  kind: Kind,
  value: unknown,
  path: string,
): unknown {
  const [key = '', ...deeper] = within;
  const isLast = deeper.length === 0;
  if (Array.isArray(whole)) {
    const items: readonly unknown[] = whole;
    const adds = isLast && kind === 'add';
    const index = adds && key === '-' ? items.length : indexIn(key, adds ? items.length : items.length - 1);
    if (index === undefined) throw absent(path);
    if (adds) return items.toSpliced(index, 0, value);
    if (isLast && kind === 'remove') return items.toSpliced(index, 1);
    return items.with(index, isLast ? value : edited(items[index], deeper, kind, value, path));
  }
  if (typeof whole !== 'object' || whole === null || whole instanceof Uint8Array) throw absent(path);
  if (!Object.hasOwn(whole, key) && !(isLast && kind === 'add')) throw absent(path);
  if (isLast && kind === 'remove') {
    return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));
  }
  const changed = isLast ? value : edited(member(whole, key), deeper, kind, value, path);
  return { ...whole, [key]: changed };
}
