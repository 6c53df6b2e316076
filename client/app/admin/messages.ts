import { wireErrorOf } from '../api.js';
import { make, need } from '../dom.js';
import { toaster } from '../toast.js';

/** What came of something that somebody has done. */
export interface Messages {
  /** It went well: said in passing. */
  say(message: string): void;
  /** It went wrong: stays until it is read. @param what what was tried, as the beginning of a sentence */
  complain(what: string, thrown: unknown): void;
  clear(): void;
}

export function bindMessages(): Messages {
  const say = toaster(need('toast', HTMLElement));
  const area = need('problems', HTMLElement);
  const clear = (): void => area.replaceChildren();
  return {
    say,
    clear,
    complain(what, thrown) {
      const { code, message } = wireErrorOf(thrown);
      const away = make('button', 'button small', 'Dismiss');
      away.type = 'button';
      away.addEventListener('click', clear);
      const sentence = make('p', '', message, ' ', make('code', 'hint', code));
      area.replaceChildren(
        make('section', 'notice', make('h2', '', what), sentence, make('div', 'notice-actions', away)),
      );
    },
  };
}
