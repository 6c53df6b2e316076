import { make } from './dom.js';
import { type ListedLink, linkFacts } from './share-links.js';
import { bindTwoStep } from './two-step.js';

interface LinkActions {
  tell(message: string): void;
  revoke(link: ListedLink): void;
}

/** Shows the links of a document, each with a button that revokes it; `now` in milliseconds since the Unix epoch. */
export function showLinks(
  list: HTMLElement,
  links: readonly ListedLink[],
  now: number,
  { tell, revoke }: LinkActions,
): void {
  list.replaceChildren(
    ...links.map((link, index) => {
      const { label, expiresAt, isOwn } = link;
      const facts = make('span', 'link-facts', linkFacts(link, now));
      if (expiresAt !== undefined) facts.title = new Date(expiresAt).toLocaleString();
      // Isolated, so that a label in another direction leaves the rest of the row alone.
      const title = make('bdi', 'link-label', label === '' ? 'Link without a name' : label);
      const what = make('div', 'link-what', title, facts);
      if (isOwn) title.after(' ', make('span', 'tag', 'yours'));
      what.id = `link-${index}`;
      const button = make('button', 'button small', 'Revoke');
      button.type = 'button';
      button.setAttribute('aria-describedby', what.id);
      bindTwoStep(button, {
        sure: isOwn ? 'Shut yourself out?' : 'Revoke it?',
        tell,
        run: () => revoke(link),
      });
      return make('li', '', what, button);
    }),
  );
}
