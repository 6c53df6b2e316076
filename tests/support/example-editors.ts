import * as Y from 'yjs';
import type { EditorFacts } from './example-writer.js';

/** The editors among the examples. */
export const EDITORS = {
  textarea: {
    field: '#editor',
    line: '#editor',
    flag: '[data-coscribe-carets] .flag',
    read: (doc) => doc.getText('text').toString(),
  },
  codemirror: {
    field: '.cm-content',
    line: '.cm-line',
    flag: '.cm-ySelectionInfo',
    read: (doc) => doc.getText('text').toString(),
  },
  prosemirror: {
    field: '.ProseMirror',
    line: '.ProseMirror > *',
    flag: '.ProseMirror-yjs-cursor > div',
    read: (doc) => blocksOf(doc.getXmlFragment('prosemirror')),
  },
  quill: {
    field: '.ql-editor',
    line: '.ql-editor > *',
    flag: '.ql-cursor-name',
    read: (doc) => doc.getText('quill').toString(),
  },
  monaco: {
    field: '.monaco-editor',
    line: '.view-line',
    flag: '.yRemoteSelectionHead',
    read: (doc) => doc.getText('text').toString(),
  },
  tiptap: {
    field: '.tiptap',
    line: '.tiptap > *',
    flag: '.collaboration-carets__label',
    read: (doc) => blocksOf(doc.getXmlFragment('default')),
  },
} as const satisfies Readonly<Record<string, EditorFacts>>;

/** One line for each block of a rich text. */
function blocksOf(fragment: Y.XmlFragment): string {
  return fragment.toArray().map(textIn).join('\n');
}

function textIn(node: unknown): string {
  if (node instanceof Y.XmlText)
    return node
      .toDelta()
      .map(({ insert }: { insert: unknown }) => insert)
      .join('');
  return node instanceof Y.XmlElement ? node.toArray().map(textIn).join('') : '';
}
