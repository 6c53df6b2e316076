import { make } from '../dom.js';

export interface Question {
  readonly title: string;
  readonly sentence: string;
  /** What the button says that does it. */
  readonly action: string;
}

let asked = 0;

/**
 * Asks before something is done that others notice. Escape means no. Each question has an element of its own: `close` is told
 * later than it happens, and must not answer the next one.
 */
export function ask({ title, sentence, action }: Question): Promise<boolean> {
  const heading = make('h2', '', title);
  const id = `question-${++asked}`;
  heading.id = `${id}-title`;
  const text = make('p', '', sentence);
  text.id = `${id}-text`;
  const no = make('button', 'button', 'Cancel');
  const yes = make('button', 'button sure', action);
  for (const button of [no, yes]) button.type = 'button';
  const dialog = make('dialog', 'dialog', heading, text, make('div', 'dialog-actions', no, yes));
  dialog.setAttribute('aria-labelledby', heading.id);
  dialog.setAttribute('aria-describedby', text.id);
  no.addEventListener('click', () => dialog.close());
  yes.addEventListener('click', () => dialog.close('yes'));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
