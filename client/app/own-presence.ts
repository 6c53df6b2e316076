import type { Awareness } from 'y-protocols/awareness';
import type { JoinedUser } from '../../shared/protocol.js';
import { need } from './dom.js';
import { cleanName, type Identity, type KeyValueStore, loadIdentity, saveIdentity } from './identity.js';
import { bindIdentityForm } from './people-view.js';
import { isVisible, keepVisible } from './visibility.js';

/** How the others see the person at this page, and the form in which he changes that. */
export class OwnPresence {
  readonly #given = need('given', HTMLElement);
  readonly #name = need('my-name', HTMLInputElement);
  readonly #color = need('my-color', HTMLFieldSetElement);
  readonly #swatches = need('swatches', HTMLElement);
  readonly #givenColor = need('given-color', HTMLElement);
  #identity: Identity;
  #visible: boolean;

  /** @param awareness of the copy that takes part */
  constructor(storage: KeyValueStore | undefined, awareness: () => Awareness) {
    this.#identity = loadIdentity(storage, Math.random);
    this.#visible = isVisible(storage);
    bindIdentityForm(
      { name: this.#name, swatches: this.#swatches },
      this.#identity,
      cleanName,
      (identity) => {
        this.#identity = identity;
        saveIdentity(storage, identity);
        awareness().setLocalStateField('user', identity);
      },
    );
    const seen = need('seen', HTMLInputElement);
    seen.checked = this.#visible;
    seen.addEventListener('change', () => {
      this.#visible = seen.checked;
      keepVisible(storage, seen.checked);
      awareness().setLocalState(seen.checked ? { user: this.#identity } : null);
    });
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Shows what the server says of him and he therefore can't change. */
  showGiven({ name, color }: JoinedUser): void {
    this.#name.readOnly = name !== undefined;
    if (name !== undefined) this.#name.value = name;
    this.#color.disabled = this.#swatches.hidden = color !== undefined;
    this.#givenColor.hidden = color === undefined;
    if (color !== undefined) this.#givenColor.style.setProperty('--swatch', color);
    const what = [...(name === undefined ? [] : ['name']), ...(color === undefined ? [] : ['colour'])];
    this.#given.hidden = what.length === 0;
    this.#given.textContent = `Your ${what.join(' and ')} come from where you signed in.`;
  }

  /** Whether the others see him. */
  get visible(): boolean {
    return this.#visible;
  }
}
