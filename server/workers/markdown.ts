import * as Y from 'yjs';
import { renderBlocks } from './markdown-blocks.js';
import { blocksOfText, isPlain } from './markdown-text.js';
import { blocksOfXml } from './markdown-xml.js';

/**
 * A shared type as Markdown: CommonMark with the tables, task lists and strikethrough of GFM.
 *
 * A `Y.Text` without attributes is given as it is: what is typed into a plain text area is Markdown already, or means to
 * be nothing else. Formatted text is read as Quill writes it, XML as ProseMirror and Tiptap do; there every character that
 * means something in Markdown is escaped, so that what is read is what was typed. Of nodes that Markdown has no
 * word for their text is given. Maps and arrays have none.
 */
export function markdownOf(type: object): string {
  if (type instanceof Y.Text && isPlain(type)) return type.toString();
  if (type instanceof Y.Text) return renderBlocks(blocksOfText(type));
  if (type instanceof Y.XmlFragment) return renderBlocks(blocksOfXml(type));
  return '';
}
