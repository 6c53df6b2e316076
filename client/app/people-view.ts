import { make } from './dom.js';
import { type Identity, initials, PALETTE } from './identity.js';
import { type Person, peopleLabel } from './people.js';

const MAX_AVATARS = 4;

/** Shows everybody as a row of avatars on `button` and as a list of names in `list`; redraws only what changed. */
export function showPeople(button: HTMLElement, list: HTMLElement): (people: readonly Person[]) => void {
  let shown = '';
  return (people) => {
    const next = JSON.stringify(people);
    if (next === shown) return;
    shown = next;
    const more = people.length - MAX_AVATARS;
    button.replaceChildren(...people.slice(0, MAX_AVATARS).map(avatar));
    if (more > 0) button.append(round('avatar more', `+${more}`));
    button.setAttribute('aria-label', peopleLabel(people));
    list.replaceChildren(
      ...people.map((person) => {
        const row = make('li', '', avatar(person), make('bdi', 'who-name', person.name));
        if (person.self) row.append(make('span', 'tag', 'you'));
        if (person.hidden) row.append(make('span', 'tag', 'hidden'));
        return row;
      }),
    );
  };
}

/** The form in which somebody changes how the others see them; `change` gets each new identity. */
export function bindIdentityForm(
  form: { readonly name: HTMLInputElement; readonly swatches: HTMLElement },
  start: Identity,
  clean: (raw: string) => string | undefined,
  change: (identity: Identity) => void,
): void {
  let identity = start;
  const update = (part: Partial<Identity>) => {
    identity = { ...identity, ...part };
    change(identity);
  };
  form.name.value = start.name;
  form.name.addEventListener('input', () => {
    const name = clean(form.name.value);
    if (name !== undefined) update({ name });
  });
  // An empty field stands for the name before it.
  form.name.addEventListener('change', () => {
    form.name.value = identity.name;
  });
  for (const { label, color } of PALETTE) {
    const radio = make('input', '');
    radio.type = 'radio';
    radio.name = 'color';
    radio.checked = color === start.color;
    radio.setAttribute('aria-label', label);
    radio.title = label;
    radio.style.setProperty('--swatch', color);
    radio.addEventListener('change', () => update({ color }));
    form.swatches.append(radio);
  }
}

function avatar({ name, color, hidden }: Person): HTMLElement {
  const element = round(hidden ? 'avatar unseen' : 'avatar', initials(name));
  element.title = name;
  element.style.setProperty('--person', color);
  return element;
}

/** A circle with letters. The style sheet shows them: they are a picture of the name, and not what a button is called. */
function round(className: string, letters: string): HTMLElement {
  const element = make('span', className);
  element.dataset.letters = letters;
  element.setAttribute('aria-hidden', 'true');
  return element;
}
