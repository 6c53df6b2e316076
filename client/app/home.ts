import { watchDocuments } from './document-list.js';
import { checkName, documentPath, freshName } from './document-name.js';
import { make, need } from './dom.js';
import { bindThemeButton } from './theme.js';

const name = need('name', HTMLInputElement);
const problem = need('name-problem', HTMLElement);

function go(raw: string): void {
  const check = checkName(raw);
  if (check.ok) {
    location.assign(documentPath(check.id));
    return;
  }
  const { message, suggestion } = check;
  problem.replaceChildren(make('span', '', message));
  if (suggestion !== undefined) {
    const use = make('button', 'link', `Use “${suggestion}”`);
    use.type = 'button';
    use.addEventListener('click', () => {
      name.value = suggestion;
      clearProblem();
      name.focus();
    });
    problem.append(' ', use);
  }
  name.setAttribute('aria-invalid', 'true');
  name.focus();
}

function clearProblem(): void {
  problem.replaceChildren();
  name.removeAttribute('aria-invalid');
}

need('opener', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  go(name.value);
});
name.addEventListener('input', clearProblem);
need('fresh', HTMLButtonElement).addEventListener('click', () => go(freshName(Math.random)));
bindThemeButton(need('theme', HTMLButtonElement));
watchDocuments({
  list: need('list', HTMLUListElement),
  empty: need('empty', HTMLElement),
  state: need('list-state', HTMLElement),
});
