import * as Y from 'yjs';
import { CoscribeProvider } from '../../client/provider.js';
import { connectTo } from '../../client/socket-io-channel.js';
import { PRESENCE_COLORS } from '../../shared/presence-user.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import type { Random } from '../../shared/time.js';
import { nextWord } from './prose.js';

/** The part of the text in which somebody works. */
export interface Area {
  readonly from: number;
  readonly to: number;
}

/**
 * Somebody who types with the real provider and shows where, as the page does, but is deaf: what the others do is not
 * applied, so that fifty of them cost less than the one page that is watched. Yjs needs no more than its own copy to
 * type on.
 */
export class Typist {
  private readonly provider: CoscribeProvider;
  private readonly text: Y.Text;
  private readonly random: Random;
  private readonly area: Area;
  private caret = 0;
  private rest = '';
  private keysHere = 0;

  constructor(url: string, document: string, number: number, area: Area, random: Random) {
    this.random = random;
    this.area = area;
    const connect = connectTo(url);
    this.provider = new CoscribeProvider({
      document,
      presence: { name: `Typist ${number}`, color: PRESENCE_COLORS[number % PRESENCE_COLORS.length] ?? '' },
      connectChannel: (id, events) => connect(id, { ...events, updates: () => {}, awareness: () => {} }),
    });
    this.text = this.provider.doc.getText(DEFAULT_TEXT);
  }

  get ready(): boolean {
    return this.provider.synced;
  }

  get saved(): boolean {
    return this.provider.unsavedChanges === 0;
  }

  get error(): string | undefined {
    return this.provider.error?.message;
  }

  /** One key, and where the caret is then. */
  key(): void {
    if (this.keysHere === 0) this.goElsewhere();
    this.keysHere -= 1;
    if (this.rest === '') this.rest = nextWord(this.random);
    if (this.random() < 0.08) {
      this.caret -= 1;
      this.text.delete(this.caret, 1);
    } else {
      const key = this.random() < 0.01 ? '\n' : this.rest.slice(0, 1);
      this.rest = this.rest.slice(1);
      this.text.insert(this.caret, key);
      this.caret += 1;
    }
    this.showCaret();
  }

  leave(): void {
    this.provider.destroy();
  }

  /** After two sentences or so people read, and go on at another place. */
  private goElsewhere(): void {
    const { from, to } = this.area;
    this.caret = Math.min(this.text.length, from + 1 + Math.floor(this.random() * (to - from)));
    this.keysHere = 40 + Math.floor(this.random() * 100);
  }

  private showCaret(): void {
    const position = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, this.caret));
    this.provider.awareness.setLocalStateField('cursor', { anchor: position, head: position });
  }
}
