import type { ErrorCode, WireError } from '../../shared/errors.js';
import { make } from './dom.js';
import type { PageMode } from './page-mode.js';

export type NoticeAction = 'again' | 'copy' | 'documents' | 'download' | 'restore';

/** A message above the text that stays, with ways out. */
export interface Notice {
  readonly title: string;
  readonly sentence: string;
  readonly actions: readonly NoticeAction[];
  /** It passes by itself. */
  readonly passing?: true;
}

export interface ClosedFacts {
  readonly error: WireError | undefined;
  /** Whether the server refused something that was written here, which the page still shows. */
  readonly rejected: boolean;
  readonly unsavedChanges: number;
  /** Those of them that this device keeps, to be sent another time. */
  readonly keptChanges: number;
  readonly hasText: boolean;
  readonly mode: PageMode;
  /** Whether this browser was in the document as its owner. */
  readonly wasOwner: boolean;
  /** Whether the document was open here before. */
  readonly wasOpen: boolean;
}

const LABELS: Readonly<Record<NoticeAction, string>> = {
  again: 'Open the document again',
  copy: 'Copy the text',
  documents: 'See all documents',
  download: 'Download the text',
  restore: 'Restore',
};

/** Refusals after which nothing of the document is shown any longer. */
const ACCESS_CODES: readonly ErrorCode[] = [
  'no-access',
  'unauthenticated',
  'token-expired',
  'not-allowed',
  'document-deleted',
];

/** Whether an error says that the document is not, or no longer, open to the one who asked. */
export function endsAccess(error: WireError | undefined): boolean {
  return error !== undefined && ACCESS_CODES.includes(error.code);
}

/** What the page says when the server has refused the document, or a change to it, for good. */
export function closedNotice(facts: ClosedFacts): Notice {
  const { error, rejected, unsavedChanges, keptChanges, hasText } = facts;
  if (error !== undefined && endsAccess(error)) {
    const notice = accessNotice(error.code, facts);
    return { ...notice, sentence: notice.sentence + keptSentence(keptChanges) };
  }
  const sentence = (error?.message ?? 'The session has ended.') + keptSentence(keptChanges);
  const keep = hasText ? (['copy', 'download'] as const) : [];
  if (rejected || unsavedChanges > keptChanges) {
    return {
      title: 'A change could not be saved',
      sentence: `${sentence} What you wrote last is in this page only: copy it, then open the document again.`,
      actions: [...keep, 'again'],
    };
  }
  return { title: titleOf(error), sentence, actions: ['documents', 'again', ...keep] };
}

function keptSentence(changes: number): string {
  if (changes === 0) return '';
  const what = changes === 1 ? 'One change that is' : `${changes} changes that are`;
  const goOn = changes === 1 ? 'it is' : 'they are';
  return ` ${what} not saved yet stay${changes === 1 ? 's' : ''} on this device; ${goOn} saved when you open the document here again.`;
}

/** What the page says while the server lets nobody else in; it tries again by itself. */
export function waitingNotice(error: WireError | undefined): Notice | undefined {
  const said = error && WAITING[error.code];
  return said && { ...said, actions: [], passing: true };
}

const WAITING: Partial<Record<ErrorCode, { readonly title: string; readonly sentence: string }>> = {
  'document-full': {
    title: 'This document is full',
    sentence:
      'As many people are in it as may be. Keep this page open: you are let in as soon as somebody leaves.',
  },
  'server-busy': {
    title: 'The server is busy',
    sentence: 'It lets nobody else in for a moment. Keep this page open: it tries again by itself.',
  },
  'too-many-connections': {
    title: 'Too many pages are open',
    sentence:
      'You, or people at the same address, have too many documents open. Close some; this page then goes on by itself.',
  },
  'too-many-joins': {
    title: 'Too many documents were opened at once',
    sentence: 'Keep this page open: it tries again by itself in a moment.',
  },
};

function accessNotice(code: ErrorCode, { mode, wasOwner, wasOpen }: ClosedFacts): Notice {
  if (code === 'document-deleted')
    return {
      title: 'This document was deleted',
      sentence: wasOwner
        ? 'You can restore it, with everything that was in it, for some time.'
        : 'For some time its owners can restore it; then it opens here again.',
      actions: wasOwner ? ['restore', 'documents'] : ['documents', 'again'],
    };
  const ask =
    mode === 'tokens'
      ? 'Sign in again, or ask one of its owners for a link.'
      : 'Ask one of its owners for a link.';
  if (code === 'token-expired')
    return {
      title: 'Your access has ended',
      sentence: `What let you in was good for a limited time. ${ask}`,
      actions: ['documents', 'again'],
    };
  if (code === 'unauthenticated')
    return {
      title: wasOpen ? 'You are no longer signed in' : 'You are not signed in',
      sentence: 'Open this document from where you sign in, or ask one of its owners for a link.',
      actions: ['documents', 'again'],
    };
  return wasOpen
    ? {
        title: 'Your access has ended',
        sentence: `The link was revoked, or has ended. ${ask}`,
        actions: ['documents', 'again'],
      }
    : {
        title: 'You can’t open this document',
        sentence: `There is none of this name, or it is not open to you. ${ask}`,
        actions: ['documents', 'again'],
      };
}

function titleOf(error: WireError | undefined): string {
  switch (error?.code) {
    case 'document-unreadable':
      return 'This document is damaged';
    case 'document-moved':
      return 'This document was renamed';
    case 'generation-changed':
      return 'This document was replaced';
    case 'protocol-mismatch':
      return 'This page is out of date';
    case 'copy-diverged':
      return 'This page showed another text than the document';
    case 'session-replaced':
      return 'This document is open in another place';
    case 'too-many-documents':
      return 'Too many documents are open';
    case 'origin-refused':
      return 'This server doesn’t take pages from here';
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
    notice.actions.forEach((action, index) => {
      const button = make('button', index === 0 ? 'button primary' : 'button', LABELS[action]);
      button.type = 'button';
      button.addEventListener('click', actions[action]);
      row.append(button);
    });
    const className = notice.passing ? 'notice passing' : 'notice';
    const section = make('section', className, make('h2', '', notice.title), make('p', '', notice.sentence));
    if (notice.actions.length > 0) section.append(row);
    area.append(section);
  };
}
