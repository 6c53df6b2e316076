import * as Y from 'yjs';
import type { Random } from '../../shared/time.js';
import type { Clients } from './clients.js';
import { HOCUSPOCUS_VERSIONS, HocuspocusConnection } from './hocuspocus-client.js';
import { HttpWriter } from './http-writer.js';
import { between } from './random.js';
import { TextFollower } from './text-follower.js';
import { until } from './until.js';
import { allOf, editWildly } from './wild-edits.js';
import { connectYSocketIo } from './y-socket-io-client.js';
import { VERSIONS as Y_WEBSOCKET_VERSIONS, YWebSocketClient } from './y-websocket-client.js';

/** Somebody in the document, whatever client he has. */
interface Member {
  readonly name: string;
  readonly doc: Y.Doc;
  /** Whether the client says that it has the document. */
  synced(): boolean;
  /** Whether it says that everything is saved; clients that cannot know say nothing. */
  saved?(): boolean;
  /**
   * Connects anew. When something was only deleted, by somebody or by Yjs, in the instant in which a provider of Hocuspocus
   * connected, its own count of what is not saved stays too high until then (docs/guides/hocuspocus.md).
   */
  connectAgain?(): void;
  /** How its connections have ended and the like, for whoever looks for a fault. */
  fault?(): string;
  close(): void;
}

/** So many tabs of one browser each of the clients has open that talk to one another past the server. */
const TABS = [1, 2];
/** How much of what those with a client do is no word that stays. */
const WILD = 0.6;

/** Every client that there is, in one document: ours, the published ones of others, a script, and one that follows. */
export class Everybody {
  readonly members: readonly Member[];
  readonly writer: HttpWriter;
  readonly follower: TextFollower;
  private readonly pending: Promise<unknown>[] = [];
  private count = 0;
  /** Words that were typed, each of them once. */
  readonly words: string[] = [];

  constructor(
    /** Where each of them connects, one after the other. */
    urls: readonly string[],
    readonly document: string,
    clients: Clients,
    private readonly random: Random,
  ) {
    let next = 0;
    const url = (): string => urls[next++ % urls.length] ?? '';
    const own = ['ours', 'ours as well'].map((name): Member => {
      const provider = clients.connect(url(), { document });
      return {
        name,
        doc: provider.doc,
        synced: () => provider.synced,
        saved: () => provider.unsavedChanges === 0,
        close: () => provider.destroy(),
      };
    });
    const yWebSockets = Y_WEBSOCKET_VERSIONS.flatMap((version) =>
      TABS.map((tab): Member => {
        const client = new YWebSocketClient(version, url(), { room: document, isTab: true });
        return {
          name: `y-websocket ${version}, tab ${tab}`,
          fault: () => `, ${client.closed.map(({ code }) => code)}`,
          doc: client.doc,
          synced: () => client.synced,
          close: () => client.destroy(),
        };
      }),
    );
    // Those of 2.x talk to one another as well.
    const hocuspocus = [...HOCUSPOCUS_VERSIONS, '2.15.3' as const].map((version): Member => {
      const connection = new HocuspocusConnection(version, url());
      const client = connection.open(document);
      return {
        name: `Hocuspocus ${version}`,
        fault: () =>
          `, ${client.provider.unsyncedChanges} unsynced, ${connection.closed.map(({ code }) => code)}`,
        doc: client.doc,
        synced: () => client.provider.synced,
        saved: () => !client.provider.hasUnsyncedChanges,
        connectAgain: () => connection.connection.webSocket?.close(),
        close: () => connection.destroy(),
      };
    });
    const ySocketIo = TABS.map((tab): Member => {
      const socket = connectYSocketIo(url(), document, new Y.Doc(), {}, true);
      return {
        name: `y-socket.io, tab ${tab}`,
        doc: socket.doc,
        synced: () => socket.synced,
        close: () => socket.destroy(),
      };
    });
    this.members = [...own, ...yWebSockets, ...hocuspocus, ...ySocketIo];
    this.writer = new HttpWriter(url(), document);
    this.follower = new TextFollower(`${url()}/api/documents/${document}/events`);
  }

  async ready(): Promise<void> {
    await until(() => this.members.every((member) => member.synced()), `all are in: ${this.state()}`);
    await until(() => this.follower.text !== undefined, 'the follower has the text');
  }

  /** Somebody does something. */
  act(): void {
    const at = between(this.random, 0, this.members.length + 1);
    const member = this.members[at];
    if (member !== undefined) this.edit(member);
    else if (this.random() < 0.5) this.pending.push(this.writer.append(this.word()));
    else this.pending.push(this.writer.change([{ insert: this.word() }]));
  }

  /** Fulfils when everybody has the same, with every word in it once. @throws Error with what differs */
  async agree(): Promise<string> {
    await Promise.all(this.pending.splice(0));
    const texts = (): Set<string | undefined> =>
      new Set([...this.members.map(({ doc }) => doc.getText('text').toString()), this.follower.text]);
    const contents = (): Set<string> => new Set(this.members.map(({ doc }) => allOf(doc)));
    const isSame = (): boolean =>
      texts().size === 1 && contents().size === 1 && this.members.every((member) => member.synced());
    const isCalm = (): boolean => isSame() && this.members.every((member) => member.saved?.() !== false);
    const wait = (condition: () => boolean, what: string): Promise<unknown> =>
      until(condition, what).catch((error: Error) => {
        throw new Error(`${error.message}\n${this.state()}`);
      });
    await wait(isSame, 'all agree');
    for (const member of this.members) if (member.saved?.() === false) member.connectAgain?.();
    await wait(isCalm, 'all is saved');
    const [text = ''] = texts();
    const missing = this.words.filter((word) => text.split(word).length !== 2);
    if (missing.length > 0) throw new Error(`not there once: ${missing.join()}\n${text}`);
    return text;
  }

  state(): string {
    const lines = this.members.map(
      (member) =>
        `${member.name}: synced ${member.synced()}, saved ${member.saved?.()}, ${member.doc.getText('text').length} characters, pending ${member.doc.store.pendingStructs !== null}${member.fault?.() ?? ''}`,
    );
    return [...lines, ...this.differences(), `follower: ${this.follower.text?.length} characters`].join('\n');
  }

  /** Who has which content, from where on they differ. */
  private differences(): readonly string[] {
    const holders = new Map<string, string[]>();
    for (const { name, doc } of this.members) {
      const all = allOf(doc);
      holders.set(all, [...(holders.get(all) ?? []), name]);
    }
    const [first = '', ...others] = holders.keys();
    if (others.length === 0) return [];
    const at = [...first].findIndex((_, n) => others.some((one) => one[n] !== first[n]));
    return [...holders].map(
      ([all, names]) => `${names.join(', ')}: …${all.slice(Math.max(0, at - 80), at + 120)}`,
    );
  }

  close(): void {
    for (const member of this.members) member.close();
    this.follower.close();
  }

  /** Whole words go in, between others, so that every word stays; or something wild happens beside them. */
  private edit({ doc }: Member): void {
    if (this.random() < WILD) {
      doc.transact(() => {
        editWildly(doc, this.random);
        // Hocuspocus' clients miscount what is not saved when an edit only deletes something.
        doc.getMap('board').set('by', this.random());
      });
      return;
    }
    const text = doc.getText('text');
    const content = text.toString();
    const spaces = [...content.matchAll(/ /g)].map(({ index }) => index);
    const place = spaces[between(this.random, 0, spaces.length)];
    if (this.random() < 0.15 && place !== undefined && content[place + 1] === ' ') text.delete(place, 1);
    else text.insert(place ?? content.length, ` ${this.word()}`);
  }

  private word(): string {
    const word = `w${this.count++}; `;
    this.words.push(word.trim());
    return word;
  }
}
