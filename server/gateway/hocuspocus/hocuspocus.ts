import { CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import type { GatewayServices } from '../gateway-services.js';
import { closeCodeOf } from '../websocket/close-codes.js';
import type { LineListener, WebSocketLine, WebSocketProtocol } from '../websocket/web-socket-line.js';
import { webSocketFrames } from '../websocket-frames.js';
import { AddressWriter, reasonOf } from './address-writer.js';
import { type ChannelHome, DocumentChannel } from './document-channel.js';
import { JoinTurns } from './join-turns.js';
import { type DocumentMessage, IDLE_MESSAGE, PONG_MESSAGE, readMessage } from './messages.js';
import { VectorRoom } from './vector-room.js';

/** Close codes of @hocuspocus/common 4.8.0, `CloseEvents.ts`. */
const RESET_CONNECTION = 4205;
const CONNECTION_TIMEOUT = 4408;
/** Nobody waits longer until his connection begins anew, in milliseconds. */
const MAX_RESET_MS = 5_000;

/** Providers begin anew when they hear nothing for 30 s, and do not count pings of the WebSocket. */
const PULSE = webSocketFrames(IDLE_MESSAGE);

/**
 * The protocol of Hocuspocus (read in @hocuspocus/provider 2.15.3, 3.4.4 and 4.8.0, and in @hocuspocus/server 4.7.0), with its
 * published providers unchanged: many documents over one connection, each with a token of its own.
 *
 * Better than at home: a SyncStatus says that an edit is on disk, so that `hasUnsyncedChanges` of the provider is true.
 */
export function serveHocuspocus(services: GatewayServices, path: string): WebSocketProtocol {
  return { name: 'hocuspocus', path, pulse: PULSE, open: (line) => new HocuspocusConnection(line, services) };
}

/** One connection of a client, with its documents by the address that its messages carry. */
class HocuspocusConnection implements LineListener, ChannelHome {
  readonly turns: JoinTurns;
  readonly vectors = new VectorRoom();
  private readonly channels = new Map<string, DocumentChannel>();
  private hasAnswered = false;
  private isJoined = false;
  private isResetting = false;

  constructor(
    readonly line: WebSocketLine,
    readonly services: GatewayServices,
  ) {
    this.turns = new JoinTurns(line, services.clock);
  }

  get mayKeepUpdates(): boolean {
    return !this.hasAnswered;
  }

  message(bytes: Uint8Array): void {
    try {
      const { address, message } = readMessage(bytes);
      if (address !== undefined) this.receive(address, message);
      else if (message === 'ping') this.line.send(PONG_MESSAGE);
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      if (error.code === 'internal')
        this.services.log.error({ err: error.cause ?? error }, 'a message failed');
      this.line.close(closeCodeOf(error), error.message);
    }
  }

  late(): void {
    this.line.close(CONNECTION_TIMEOUT, new CoscribeError('not-joined').message);
  }

  pulse(): void {
    for (const channel of this.channels.values()) channel.pulse();
  }

  closed(): void {
    for (const channel of this.channels.values()) channel.leave();
    this.channels.clear();
  }

  answered(): void {
    this.hasAnswered = true;
  }

  openChanged(): void {
    const isJoined = [...this.channels.values()].some(({ isOpen }) => isOpen);
    if (isJoined === this.isJoined) return;
    this.isJoined = isJoined;
    if (isJoined) this.line.joined();
    else this.line.unjoined();
  }

  reset(reason: CoscribeError, afterMs: number): void {
    if (this.isResetting) return;
    this.isResetting = true;
    const close = (): void => this.line.close(RESET_CONNECTION, reasonOf(reason));
    if (afterMs > 0) this.services.clock.schedule(Math.min(afterMs, MAX_RESET_MS), close);
    else close();
  }

  private receive(address: string, message: DocumentMessage): void {
    const { channels } = this;
    const channel = channels.get(address);
    if (message.type === 'close') {
      if (channel === undefined) return;
      channels.delete(address);
      channel.leave();
      this.openChanged();
    } else if (channel !== undefined) channel.receive(message);
    // What comes before that is said again, or lost with whatever it was about.
    else if (message.type === 'auth' || message.type === 'step-1') this.open(address)?.receive(message);
  }

  private open(address: string): DocumentChannel | undefined {
    const { line, channels, services } = this;
    try {
      if (channels.size >= services.limits.maxDocumentsPerConnection)
        throw new CoscribeError('too-many-documents');
      const channel = new DocumentChannel(address, documentOf(address), this);
      channels.set(address, channel);
      return channel;
    } catch (error) {
      if (line.meter.refusal()) new AddressWriter(line, address).denied(toCoscribeError(error));
      return undefined;
    }
  }
}

/** Behind a zero byte comes what tells several providers of one document apart. @throws CoscribeError `invalid-document-id` */
function documentOf(address: string): DocumentId {
  const end = address.indexOf('\0');
  return parseDocumentId(end < 0 ? address : address.slice(0, end));
}
