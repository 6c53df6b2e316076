import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import { decodeFrame } from '../../shared/frames.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { joinUpdates } from '../../shared/update-join.js';
import type { Admission } from '../documents/admitted.js';
import type { Broadcast } from '../documents/broadcast.js';
import type { GatewayServices } from './gateway-services.js';
import { readToken } from './read-messages.js';
import { closeCodeOf } from './websocket/close-codes.js';
import { Farewells } from './websocket/farewells.js';
import type {
  LineListener,
  LineTarget,
  WebSocketLine,
  WebSocketProtocol,
} from './websocket/web-socket-line.js';
import { webSocketFrames } from './websocket-frames.js';
import {
  AWARENESS,
  denial,
  messageHead,
  messageOf,
  readMessage,
  STEP_1,
  STEP_2,
  SYNC,
  UPDATE,
} from './y-websocket-messages.js';
import { SyncSession } from './yjs/sync-session.js';
import type { SyncContent, SyncWire } from './yjs/sync-wire.js';

/** Stand for "the message in this protocol's frames" in `Broadcast.encodeOnce`. */
const UPDATES_FRAME = {};
const AWARENESS_FRAME = {};

/** Its clients leave when no message comes for 30 s, and do not count pings. An awareness update about nobody changes nothing. */
const PULSE = webSocketFrames(messageOf([AWARENESS], Uint8Array.of(0)));

/** Who has not asked for anything in time may come back after so long, in milliseconds. */
const COME_BACK_AFTER_MS = 1_000;

const NOT_HEARD: LineListener = { message() {}, late() {}, closed() {} };

interface Shared extends GatewayServices {
  readonly farewells: Farewells;
}

/**
 * The protocol of y-websocket (read in 1.5.4, 2.1.0 and 3.1.0), `{path}/{id}`, with its published clients unchanged. A token
 * comes in the query (`params: { token }`), or as any request shows who it is from.
 *
 * A refusal comes as the WebSocket's close: 4400 to 4499 for what is final, and the sentence. The clients know no other way;
 * an answer by HTTP is hidden from pages.
 */
export function serveYWebSocket(services: GatewayServices, path: string): WebSocketProtocol {
  const shared = { ...services, farewells: new Farewells(services.clock, services.random) };
  return {
    name: 'y-websocket',
    path,
    tooLargeCode: closeCodeOf(new CoscribeError('update-too-large')),
    pulse: PULSE,
    async open(line, target) {
      try {
        const { id, admission } = await admit(line, target, services);
        return new YWebSocketConnection(line, id, admission, shared);
      } catch (thrown) {
        const error = toCoscribeError(thrown);
        if (error.code === 'internal')
          services.log.error({ err: error.cause ?? error }, 'nobody could be let in');
        services.counters.refuse('connection', error.code);
        shared.farewells.end(line, error);
        return NOT_HEARD;
      }
    },
  };
}

/** @throws CoscribeError as `Documents.admit`; `invalid-document-id`, `bad-request`, `too-many-connections` */
async function admit(
  line: WebSocketLine,
  { rest, query }: LineTarget,
  { documents }: GatewayServices,
): Promise<{ id: DocumentId; admission: Admission }> {
  const id = parseDocumentId(decode(rest));
  const token = query.get('token');
  const admission = await documents.admit(
    id,
    line.credentials(token === null ? undefined : readToken(token)),
  );
  const { user } = admission.grant.identity;
  if (user !== undefined) line.enterUser(user);
  return { id, admission };
}

/** @throws CoscribeError `invalid-document-id` */
function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (cause) {
    throw new CoscribeError('invalid-document-id', JSON.stringify(name.slice(0, 80)), { cause });
  }
}

/** One client of y-websocket, in its document. */
class YWebSocketConnection implements LineListener, SyncWire {
  readonly protocol = 'y-websocket';
  private readonly session: SyncSession;
  private wasDenied = false;

  constructor(
    private readonly line: WebSocketLine,
    id: DocumentId,
    admission: Admission,
    private readonly shared: Shared,
  ) {
    this.session = new SyncSession({ ...shared, id, admission, meter: line.meter, wire: this });
  }

  message(bytes: Uint8Array): void {
    try {
      this.receive(bytes);
    } catch (error) {
      this.session.close(toCoscribeError(error), -1);
    }
  }

  late(): void {
    this.session.close(new CoscribeError('not-joined'), COME_BACK_AFTER_MS);
  }

  pulse(): void {
    this.session.renewAwareness();
  }

  closed(): void {
    this.session.leave();
  }

  sendContent({ updates, stateVector, awareness }: SyncContent): void {
    const { line } = this;
    line.joined();
    const last = updates.length - 1;
    // By step 2 the client counts as synced: nothing may be missing then.
    for (const [at, update] of updates.entries()) this.sendSync(at === last ? STEP_2 : UPDATE, update);
    this.sendStateVector(stateVector);
    if (awareness.length > 0) line.send(messageHead([AWARENESS], awareness.length), awareness);
  }

  sendUpdates(frame: Broadcast): void {
    this.line.sendFrames(
      frame.encodeOnce(UPDATES_FRAME, (bytes) =>
        webSocketFrames(messageOf([SYNC, UPDATE], joinUpdates(decodeFrame(bytes).updates))),
      ),
    );
  }

  sendUpdate(update: Uint8Array): void {
    this.sendSync(UPDATE, update);
  }

  sendAwareness(update: Broadcast): void {
    this.line.sendFrames(
      update.encodeOnce(AWARENESS_FRAME, (bytes) => webSocketFrames(messageOf([AWARENESS], bytes))),
    );
  }

  sendStateVector(stateVector: Uint8Array): void {
    this.sendSync(STEP_1, stateVector);
  }

  /** Its clients write it to the console, each time. */
  sendRefused(reason: CoscribeError): void {
    if (!this.wasDenied) this.line.send(denial(reason.message));
    this.wasDenied = true;
  }

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    const { line, shared } = this;
    line.joined();
    // Whoever does not read would not read a farewell either.
    if (reason.code === 'too-slow') line.cutOff();
    else shared.farewells.end(line, reason, reconnectAfterMs);
  }

  queuedBytes(): number {
    return this.line.queuedBytes();
  }

  // There are no words for these.
  sendRole(): void {}
  sendRenew(): void {}

  /** @throws CoscribeError `invalid-update` */
  private receive(bytes: Uint8Array): void {
    const { session } = this;
    const message = readMessage(bytes);
    if (message.type === 'update') session.receiveUpdate(message.bytes);
    else if (message.type === 'awareness') session.receiveAwareness(message.bytes);
    else if (message.type === 'step-1') session.receiveStateVector(message.bytes);
    else if (message.type === 'step-2') session.receiveAnswer(message.bytes);
    else if (message.type === 'query-awareness') session.receiveAwarenessQuery();
  }

  private sendSync(step: number, bytes: Uint8Array): void {
    this.line.send(messageHead([SYNC, step], bytes.length), bytes);
  }
}
