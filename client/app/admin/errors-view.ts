import type { RecentError } from '../../../shared/admin.js';
import { ERRORS } from '../../../shared/errors.js';
import { make } from '../dom.js';
import { countOf, moment, timeOfDay } from './format.js';
import { KeyedRows, setText } from './keyed-rows.js';
import { documentHash, routeOf } from './route.js';

/** What is wanted of the errors. */
export interface ErrorFilter {
  readonly text: string;
  readonly level: 'all' | 'error' | 'warn';
}

/** Those that hold the text somewhere, in whatever case, and have the level. */
export function filterErrors(errors: readonly RecentError[], { text, level }: ErrorFilter): RecentError[] {
  const wanted = text.trim().toLowerCase();
  return errors.filter(
    (error) =>
      (level === 'all' || error.level === level) &&
      [error.message, error.node, error.code, error.document].some((part) =>
        String(part ?? '')
          .toLowerCase()
          .includes(wanted),
      ),
  );
}

/** The list of what went wrong lately. */
export class ErrorsView {
  private readonly rows: KeyedRows<readonly [key: string, error: RecentError], HTMLLIElement>;
  private errors: readonly RecentError[] = [];
  private filter: ErrorFilter = { text: '', level: 'all' };

  constructor(
    list: HTMLElement,
    private readonly empty: HTMLElement,
  ) {
    this.rows = new KeyedRows(list, {
      keyOf: ([key]) => key,
      make: ([, error]) => makeError(error),
      // What has happened does not change.
      update: () => {},
    });
  }

  show(errors: readonly RecentError[]): void {
    this.errors = errors;
    const wanted = filterErrors(errors, this.filter);
    this.rows.show(withKeys(wanted));
    this.empty.hidden = wanted.length > 0;
    setText(
      this.empty,
      errors.length === 0 ? 'None lately.' : `None of ${countOf(errors.length, 'message')} fits the filter.`,
    );
  }

  setFilter(filter: ErrorFilter): void {
    this.filter = filter;
    this.show(this.errors);
  }
}

/** How often what was refused, as a list. */
export function showRefusals(
  list: HTMLElement,
  refusals: readonly (readonly [code: string, count: number])[],
): void {
  const next = JSON.stringify(refusals);
  if (list.dataset.shown === next) return;
  list.dataset.shown = next;
  list.replaceChildren(
    ...refusals.map(([code, count]) => {
      const sentence = Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS].sentence : '';
      const what = make('span', 'refusal-what', make('code', '', code), ' ', make('span', 'hint', sentence));
      return make('li', '', make('span', 'refusal-count', `${countOf(count, 'time')}`), what);
    }),
  );
}

function makeError({ at, level, node, message, code, document }: RecentError): HTMLLIElement {
  const time = make('time', '', timeOfDay(at));
  time.dateTime = new Date(at).toISOString();
  time.title = moment(at);
  const facts = make('span', 'hint', make('bdi', '', node));
  if (code !== undefined) facts.append(' · ', make('code', '', code));
  if (document !== undefined) facts.append(' · ', documentLink(document));
  const badge = make('span', 'health', level === 'error' ? 'error' : 'warning');
  badge.dataset.severity = level === 'error' ? 'bad' : 'warn';
  return make('li', '', time, badge, make('div', 'error-what', make('bdi', 'error-text', message), facts));
}

/** A log line may name what is no document. */
function documentLink(id: string): HTMLElement {
  const hash = documentHash(id);
  if (routeOf(hash)?.view !== 'document') return make('bdi', '', id);
  const link = make('a', '', id);
  link.href = hash;
  return link;
}

/** The same may happen twice in a millisecond. */
function withKeys(errors: readonly RecentError[]): (readonly [string, RecentError])[] {
  const seen = new Map<string, number>();
  return errors.map((error) => {
    const key = JSON.stringify(error);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return [`${key} ${times}`, error];
  });
}
