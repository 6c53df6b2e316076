import type { Marks } from './markdown-inline.js';

/** What Quill, ProseMirror's own schemas and Tiptap call the same. */
const NAMES: Readonly<Record<string, keyof Marks>> = {
  bold: 'bold',
  strong: 'bold',
  italic: 'italic',
  em: 'italic',
  strike: 'strike',
  strikethrough: 'strike',
  code: 'code',
  link: 'link',
};

/** Schemes that lead into a script. */
const SCRIPT = /^[\s\p{Cc}]*(?:java|vb)script[\s\p{Cc}]*:/iu;

/** How text with these attributes looks, as far as Markdown has a word for it. */
export function marksOf(attributes: Readonly<Record<string, unknown>> = {}): Marks {
  const marks: { -readonly [Mark in keyof Marks]: Marks[Mark] } = {};
  for (const [key, value] of Object.entries(attributes)) {
    // y-prosemirror tells several marks of one kind apart by a hash after two hyphens.
    const name = NAMES[key.split('--')[0] ?? ''];
    if (name === undefined || value === null || value === false) continue;
    if (name !== 'link') marks[name] = true;
    else {
      const link = addressOf(typeof value === 'object' ? (value as { readonly href?: unknown }).href : value);
      if (link !== undefined) marks.link = link;
    }
  }
  return marks;
}

/** An address that may be followed: text, and no script. */
export function addressOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !SCRIPT.test(value) ? value : undefined;
}

/** What an attribute says, if it is something that can be shown. */
export function wordsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
