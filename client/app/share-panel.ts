import type { Role } from '../../shared/protocol.js';
import { need } from './dom.js';
import { OwnerPanel, type OwnerPanelOptions } from './owner-panel.js';
import type { PageMode } from './page-mode.js';
import { copyText, selectAll } from './share.js';

interface SharePanelOptions extends OwnerPanelOptions {
  readonly mode: PageMode;
  /** Of this page, for whoever may enter. */
  readonly address: string;
  toast(message: string): void;
}

/** Lets people share the document, as far as they may. @returns what is called with the role, whenever it may have changed */
export function bindSharePanel(options: SharePanelOptions): (role: Role | undefined) => void {
  const { mode, toast } = options;
  const address = need('share-address', HTMLInputElement);
  address.value = options.address;
  const button = need('share', HTMLButtonElement);
  const panel = need('share-panel', HTMLElement);
  if (mode === 'open') {
    need('share-copy', HTMLButtonElement).hidden = true;
    button.addEventListener('click', async () => {
      if (await copyText(address.value)) {
        toast('Link copied – whoever opens it can write along');
        return;
      }
      panel.showPopover();
      selectAll(address);
    });
    return () => {};
  }
  button.setAttribute('aria-label', 'Share');
  button.setAttribute('popovertarget', panel.id);
  const owner = new OwnerPanel(options);
  const hint = need('share-hint', HTMLElement);
  const part = need('share-address-part', HTMLElement);
  need('share-copy', HTMLButtonElement).addEventListener('click', () => void owner.copy(address));
  return (role) => {
    const isOwner = role === 'owner';
    owner.show(isOwner);
    hint.textContent = isOwner ? OWNER_HINT : GUEST_HINT[mode];
    // Without a link nobody gets in by the address alone, unless something else says who he is.
    part.hidden = isOwner && mode === 'links';
  };
}

const OWNER_HINT = 'Whoever may open it with a sign-in of their own needs this address only:';

const GUEST_HINT: Readonly<Record<Exclude<PageMode, 'open'>, string>> = {
  links:
    'Only its owners can make links for others: ask one of them. This address opens the document where somebody has opened it with a link before.',
  tokens:
    'Only its owners can make links for others: ask one of them. This address is for those who may open it with a sign-in of their own.',
};
