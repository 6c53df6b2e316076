import { type DocumentId, parseDocumentId } from '../../shared/ids.js';

const PART_CHARACTERS = 64;

/**
 * The document that a name of another server becomes. Names that are ours stay; otherwise it goes into the workspace, and
 * what our names cannot have is written as its bytes: `_` and two digits each (`meeting notes` → `meeting_20notes`).
 *
 * @returns `undefined` if that is too long
 */
export function nameFor(name: string, workspace: string): DocumentId | undefined {
  const own = idOf(name.includes('/') ? name : `${workspace}/${name}`);
  if (own !== undefined) return own;
  const bytes = Buffer.from(name, 'utf8');
  let mapped = '';
  for (const [at, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && at > 0);
    mapped += plain ? character : `_${byte.toString(16).padStart(2, '0')}`;
  }
  return mapped.length > PART_CHARACTERS ? undefined : idOf(`${workspace}/${mapped}`);
}

function idOf(name: string): DocumentId | undefined {
  try {
    return parseDocumentId(name);
  } catch {
    return undefined;
  }
}
