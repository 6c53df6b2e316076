import * as Y from 'yjs';
import { keepIn } from '../../client/offline/keep-offline.js';
import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import type { RejectedEdits, ReplacedCopy } from '../../client/rejected-edits.js';
import type { KeptDevice, KeptTab } from './kept-device.js';
import type { LittleServer } from './little-server.js';
import { ManualClock, settle } from './manual-clock.js';

interface PersonOptions extends Partial<ProviderOptions> {
  readonly scope?: string;
  readonly online?: boolean;
  readonly locks?: boolean;
}

/** A document open in a tab of a device, kept there. */
export class KeptPerson {
  readonly tab: KeptTab;
  readonly clock = new ManualClock();
  readonly provider: CoscribeProvider;
  readonly replaced: ReplacedCopy[] = [];
  readonly rejected: { code: string; edits: RejectedEdits }[] = [];
  online: boolean;

  constructor(device: KeptDevice, server: LittleServer, options: PersonOptions = {}) {
    const { scope, online = true, locks = true, ...rest } = options;
    this.online = online;
    this.tab = device.newTab({ locks });
    this.provider = new CoscribeProvider({
      document: 'acme/notes',
      url: 'https://server.example',
      connectChannel: server.connectWhile(() => this.online),
      offline: keepIn(this.tab, scope),
      clock: this.clock,
      random: () => 1,
      ...rest,
    });
  }

  /** Hears what is handed over. */
  listens(): this {
    this.provider.on('replaced', (copy) => this.replaced.push(copy));
    this.provider.on('rejected', ({ code }, edits) => this.rejected.push({ code, edits }));
    return this;
  }

  get text(): string {
    return this.provider.doc.getText('text').toString();
  }

  type(words: string, at = this.provider.doc.getText('text').length): void {
    this.provider.doc.getText('text').insert(at, words);
  }

  /** Lets time pass, and everything happen that is due. */
  async pass(ms = 0): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.advance(Math.min(500, left));
      await settle();
    }
    await settle();
  }

  /** The tab is closed, or ends in a crash: nothing that it was about to do happens. */
  crash(): void {
    this.tab.kill();
    this.online = false;
    this.provider.destroy();
  }

  async close(): Promise<void> {
    this.provider.destroy();
    await this.pass();
  }

  goOnline(): Promise<void> {
    this.online = true;
    this.provider.connect();
    return this.pass(10_000);
  }

  /** Nothing of what the copy needs to show its text is missing. */
  get isWhole(): boolean {
    const { store } = this.provider.doc;
    return store.pendingStructs === null && store.pendingDs === null;
  }
}

/** What a fresh copy shows that has only the server's log. */
export function shownBy(server: LittleServer): string {
  const doc = new Y.Doc();
  for (const row of server.rows) Y.applyUpdate(doc, row);
  return doc.getText('text').toString();
}
