import type { WireError } from '../../shared/errors.js';
import { make } from './dom.js';

export type NoticeAction = 'again' | 'copy' | 'documents' | 'download';

/** A message above the text that stays, with ways out. */
export interface Notice {
  readonly title: string;
  readonly sentence: string;
  readonly actions: readonly NoticeAction[];
}

export interface ClosedFacts {
  readonly error: WireError | undefined;
  /** Whether the server refused something that was written here. */
  readonly rejected: boolean;
  readonly unsavedChanges: number;
  readonly hasText: boolean;
}

const LABELS: Readonly<Record<NoticeAction, string>> = {
  again: 'Open the document again',
  copy: 'Copy the text',
  documents: 'See all documents',
  download: 'Download the text',
};

/** What the page says when the server has refused the document, or a change to it, for good. */
export function closedNotice({ error, rejected, unsavedChanges, hasText }: ClosedFacts): Notice {
  const sentence = error?.message ?? 'The session has ended.';
  const keep = hasText ? (['copy', 'download'] as const) : [];
  if (rejected || unsavedChanges > 0) {
    return {
      title: 'A change could not be saved',
      sentence: `${sentence} What you wrote last is in this page only: copy it, then open the document again.`,
      actions: [...keep, 'again'],
    };
  }
  return { title: titleOf(error), sentence, actions: ['documents', 'again', ...keep] };
}

function titleOf(error: WireError | undefined): string {
  switch (error?.code) {
    case 'document-unreadable':
      return 'This document is damaged';
    case 'generation-changed':
      return 'This document was replaced';
    case 'protocol-mismatch':
      return 'This page is out of date';
    case 'copy-diverged':
      return 'This page showed another text than the document';
    case 'session-replaced':
      return 'This document is open in another place';
    default:
      return 'This document can’t be opened';
  }
}

/** Shows a notice or takes it away; the same one again is left alone, so that it is not announced again. */
export function noticeArea(
  area: HTMLElement,
  actions: Readonly<Record<NoticeAction, () => void>>,
): (notice: Notice | undefined) => void {
  let shown = '';
  return (notice) => {
    const next = JSON.stringify(notice) ?? '';
    if (next === shown) return;
    shown = next;
    area.replaceChildren();
    if (notice === undefined) return;
    const row = make('div', 'notice-actions');
    for (const action of notice.actions) {
      const button = make('button', 'button', LABELS[action]);
      button.type = 'button';
      button.addEventListener('click', actions[action]);
      row.append(button);
    }
    area.append(make('section', 'notice', make('h2', '', notice.title), make('p', '', notice.sentence), row));
  };
}
