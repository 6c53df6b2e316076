import { ROLES, type Role } from '../../shared/protocol.js';
import { wireErrorOf } from './api.js';
import type { DocumentApi } from './document-api.js';
import { need } from './dom.js';
import { cleanName } from './identity.js';
import { showLinks } from './links-view.js';
import { copyText, selectAll } from './share.js';
import { EXPIRIES, type NewLink, ROLE_WORDS } from './share-links.js';
import { bindTwoStep } from './two-step.js';

export interface OwnerPanelOptions {
  readonly api: DocumentApi;
  /** The address of this page for whoever has the token. */
  addressWith(token: string): string;
  /** The document is deleted. */
  deleted(): void;
}

/** The part of the share panel that owners see: links and deletion. */
export class OwnerPanel {
  readonly #options: OwnerPanelOptions;
  readonly #panel = need('share-panel', HTMLElement);
  readonly #form = need('share-form', HTMLFormElement);
  readonly #state = need('share-state', HTMLElement);
  readonly #spoken = need('share-spoken', HTMLElement);
  readonly #made = need('share-new', HTMLElement);
  readonly #madeAddress = need('share-new-address', HTMLInputElement);
  readonly #label = need('share-label', HTMLInputElement);
  readonly #links = need('share-links', HTMLElement);
  readonly #title = need('share-links-title', HTMLElement);
  readonly #none = need('share-none', HTMLElement);
  readonly #list = need('share-list', HTMLElement);
  readonly #deletion = need('share-delete-part', HTMLElement);
  #isOwner = false;
  #making = false;
  #last = Promise.resolve();

  constructor(options: OwnerPanelOptions) {
    this.#options = options;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#making) return;
      this.#making = true;
      this.#do(async () => {
        try {
          await this.#make();
        } finally {
          this.#making = false;
        }
      });
    });
    this.#form.addEventListener('change', () => this.#showRoleHint());
    need('share-new-copy', HTMLButtonElement).addEventListener(
      'click',
      () => void this.copy(this.#madeAddress),
    );
    bindTwoStep(need('delete', HTMLButtonElement), {
      sure: 'Delete it for everybody?',
      tell: (message) => this.#say(message),
      run: () => this.#do(() => this.#delete()),
    });
    this.#panel.addEventListener('toggle', (event) => {
      if (event.newState === 'open') this.#do(() => this.#read());
      else this.#forget();
    });
  }

  /** @param isOwner whether the person may share and delete the document now */
  show(isOwner: boolean): void {
    if (isOwner === this.#isOwner) return;
    this.#isOwner = isOwner;
    this.#form.hidden = this.#deletion.hidden = !isOwner;
    this.#links.hidden = true;
    this.#forget();
    if (isOwner && this.#panel.matches(':popover-open')) this.#do(() => this.#read());
  }

  /** Copies an address that is shown in the panel. */
  async copy(address: HTMLInputElement): Promise<void> {
    if (await copyText(address.value)) {
      this.#tell('Copied.');
      return;
    }
    this.#tell('This browser doesn’t let pages copy; the address is selected: copy it yourself.');
    selectAll(address);
  }

  async #make(): Promise<void> {
    const link = this.#wanted();
    const address = this.#options.api.makeLink(link).then((token) => this.#options.addressWith(token));
    const copying = copyText(address);
    this.#madeAddress.value = await address;
    this.#made.hidden = false;
    this.#label.value = '';
    const what = `whoever has it ${ROLE_WORDS[link.role]}`;
    if (await copying) this.#tell(`Link made and copied: ${what}. It is not shown again.`);
    else {
      this.#tell(`Link made: ${what}. Copy it now; it is not shown again.`);
      selectAll(this.#madeAddress);
    }
    await this.#read();
  }

  async #read(): Promise<void> {
    if (!this.#isOwner) return;
    const { links, now } = await this.#options.api.links();
    this.#links.hidden = false;
    this.#none.hidden = links.length > 0;
    showLinks(this.#list, links, now, {
      tell: (message) => this.#say(message),
      revoke: ({ id }) => {
        this.#do(async () => {
          await this.#options.api.revoke(id);
          await this.#read();
          // The button that had the focus went with its row.
          this.#title.focus();
          this.#tell('Revoked: it opens nothing any more, also where it is open now.');
        });
      },
    });
  }

  async #delete(): Promise<void> {
    await this.#options.api.remove();
    this.#panel.hidePopover();
    this.#options.deleted();
  }

  #wanted(): NewLink {
    const data = new FormData(this.#form);
    const role: Role = ROLES.find((name) => name === data.get('role')) ?? 'viewer';
    return {
      role,
      label: cleanName(this.#label.value) ?? '',
      expiresInMs: EXPIRIES[String(data.get('expiry'))],
    };
  }

  #showRoleHint(): void {
    need('share-role-hint', HTMLElement).hidden = this.#wanted().role !== 'owner';
  }

  /** A token is not left standing on a screen. */
  #forget(): void {
    this.#made.hidden = true;
    this.#madeAddress.value = '';
    this.#tell('');
  }

  #tell(message: string): void {
    this.#state.textContent = message;
    this.#state.classList.remove('failed');
  }

  /** For those who don't see the button change; nothing moves away from under it. */
  #say(message: string): void {
    this.#spoken.textContent = message;
  }

  /** One thing after the other; what goes wrong is told. */
  #do(run: () => Promise<void>): void {
    this.#last = this.#last.then(run).catch((thrown: unknown) => {
      this.#tell(wireErrorOf(thrown).message);
      this.#state.classList.add('failed');
    });
  }
}
