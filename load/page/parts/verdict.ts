import type { ProblemKind } from '../../messages.js';
import type { LoadResult, ObjectiveResult } from '../../result.js';
import { make, section } from '../dom.js';
import { count, duration, milliseconds, percent, several } from '../format.js';

const HEADLINES: Readonly<Record<LoadResult['outcome'], string>> = {
  passed: 'Passed',
  failed: 'Failed',
  interrupted: 'Interrupted',
  'target-lost': 'The servers were gone',
};

const KINDS: Readonly<Record<ProblemKind, string>> = {
  differs: 'Clients that have something else',
  'acked-lost': 'Acknowledged edits that are gone',
  'not-typed': 'Text that nobody typed',
  gone: 'Text that is gone though nobody deleted it',
  unfinished: 'Edits without an end',
  refused: 'Clients that were refused for good',
  unreadable: 'Documents that could not be read again',
};

/** So many problems of a kind are shown at once. */
const SHOWN = 5;

type Answer = 'yes' | 'no' | 'unknown';
const MARKS: Readonly<Record<Answer, string>> = { yes: '✓', no: '✗', unknown: '?' };
const WORDS: Readonly<Record<Answer, string>> = { yes: 'held', no: 'broken', unknown: 'not checked' };

/** What came out, large; then what was looked at. */
export function verdict(result: LoadResult): HTMLElement {
  const { outcome, total, seconds, reason, notes, settings } = result;
  const connected =
    total.clients === settings.clients ? '' : ` (${count(total.clients)} connected on average)`;
  const average = total.typists === settings.typists ? '' : ' on average';
  const crowd = `${several(Number(settings.clients), 'client')}${connected}, ${count(total.typists)} of them typing${average}, made ${several(total.typed, 'edit')} in the ${duration(total.seconds)} measured (${duration(seconds)} in all).`;
  const hero = make('div', `hero ${outcome}`, make('h1', '', HEADLINES[outcome]));
  if (reason !== undefined) hero.append(make('p', 'lead', reason));
  hero.append(make('p', 'lead', crowd), checks(result));
  if (notes.length > 0) hero.append(make('ul', 'notes', ...notes.map((note) => make('li', '', note))));
  return hero;
}

function checks({ verdict: found, objectives }: LoadResult): HTMLElement {
  const { equal, ackedKept, nothingForeign, checked, problems: wrong } = found;
  const unread = wrong.some(({ kind }) => kind === 'unreadable');
  const check = (is: Answer, title: string, detail: string): HTMLElement =>
    item(is, title, is !== 'unknown' ? detail : unread ? 'not every document could be read again' : '');
  const { clients, documents, freshReads, ackedEdits, characters } = checked;
  return make(
    'ul',
    'checks',
    check(
      answer(equal),
      'All clients equal',
      `${several(clients, 'client')} in ${several(documents, 'document')} compared, and ${several(freshReads, 'reading', 'readings')} by somebody new`,
    ),
    check(
      answer(ackedKept),
      'No acknowledged edit lost',
      `${several(ackedEdits, 'acknowledged edit')} looked for`,
    ),
    check(
      answer(nothingForeign),
      'No text that nobody typed',
      `${several(characters, 'character')} accounted for`,
    ),
    ...(wrong.some(({ kind }) => kind === 'gone')
      ? [item('no', 'No text gone that nobody deleted', '')]
      : []),
    ...objectives.map(objective),
  );
}

function objective({ objective: text, held, found }: ObjectiveResult): HTMLElement {
  const isShare = text.startsWith('errors');
  const value = isShare ? percent(found) : milliseconds(found);
  const detail = found === null ? 'nothing came, or more than that never came' : `it was ${value}`;
  return item(held ? 'yes' : 'no', text, detail);
}

function answer(value: boolean | undefined): Answer {
  if (value === undefined) return 'unknown';
  return value ? 'yes' : 'no';
}

function item(found: Answer, title: string, detail: string): HTMLElement {
  const mark = make('span', 'mark', MARKS[found]);
  mark.setAttribute('aria-hidden', 'true');
  const words = make('span', 'answer', WORDS[found]);
  return make(
    'li',
    found,
    mark,
    make('div', '', make('strong', '', `${title}:`), ' ', words, make('div', 'hint', detail)),
  );
}

/** Everything that was wrong, in full; nothing if nothing was. */
export function problems({ verdict: { problems: found } }: LoadResult): HTMLElement[] {
  if (found.length === 0) return [];
  const parts: HTMLElement[] = [];
  for (const [kind, title] of Object.entries(KINDS)) {
    const own = found.filter((problem) => problem.kind === kind);
    if (own.length === 0) continue;
    const items = own.map(({ document: name, message }) =>
      make('li', '', make('code', '', name), ' ', message),
    );
    parts.push(make('h3', '', `${title} (${count(own.length)})`), make('ol', '', ...items.slice(0, SHOWN)));
    if (items.length > SHOWN) parts.push(more(items.slice(SHOWN)));
  }
  return [section('What is wrong', make('div', 'sheet problems', ...parts))];
}

function more(items: readonly HTMLElement[]): HTMLElement {
  const list = make('ol', '', ...items);
  list.start = SHOWN + 1;
  return make('details', '', make('summary', '', `${count(items.length)} more`), list);
}
