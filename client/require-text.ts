import * as Y from 'yjs';

/**
 * The document of a text that can be bound.
 *
 * @throws TypeError with a sentence that says what is wrong, if it is no `Y.Text` of a living `Y.Doc`
 */
export function requireText(text: unknown): Y.Doc {
  if (!(text instanceof Y.Text)) {
    throw new TypeError(
      looksLikeText(text)
        ? 'This Y.Text is of another copy of Yjs than the one that Coscribe uses; see to it that the page loads Yjs once.'
        : 'A text field is bound to a Y.Text, and this is none.',
    );
  }
  const { doc } = text;
  if (doc === null)
    throw new TypeError('The Y.Text belongs to no Y.Doc yet; take it with doc.getText(name).');
  if (doc.isDestroyed) throw new TypeError('The Y.Doc of this Y.Text has been destroyed; take a new one.');
  return doc;
}

function looksLikeText(value: unknown): boolean {
  const { applyDelta, toDelta, observe } = (value ?? {}) as Record<string, unknown>;
  return [applyDelta, toDelta, observe].every((method) => typeof method === 'function');
}
