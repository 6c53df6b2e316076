import { WebSocket } from 'ws';
import { CoscribeError } from '../../../shared/errors.js';
import type { Counters } from '../../telemetry/counters.js';
import type { Log } from '../../telemetry/log.js';

/** RFC 6455, 7.4: a message is too large. */
const MESSAGE_TOO_LARGE = 1009;
const FRAME_OVERHEAD_BYTES = 16 * 1024;

/**
 * The largest message of clients that cannot split what somebody pasted, did offline, or deleted in all his life: a whole
 * document. In bytes.
 */
export function largestMessage(limits: {
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
}): number {
  return Math.max(limits.maxDocumentBytes, limits.maxUpdateBytes) + FRAME_OVERHEAD_BYTES;
}

interface Services {
  readonly counters: Pick<Counters, 'refuse'>;
  readonly log: Pick<Log, 'warn'>;
}

/** What a connection is told, and the operator of it. */
interface TooLarge {
  readonly code?: number | undefined;
  readonly facts: { readonly protocol: string | undefined; readonly address?: string | undefined };
}

/**
 * WebSockets that say why they end when a message is too large: the package `ws` (read in 8.21, `receiverOnError`) closes them
 * with nothing but 1009. It is counted and logged, too.
 */
export function limitedWebSockets(
  { counters, log }: Services,
  tooLargeFor: (ws: WebSocket) => TooLarge,
): typeof WebSocket {
  return class LimitedWebSocket extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      if (code !== MESSAGE_TOO_LARGE || reason !== undefined) {
        super.close(code, reason);
        return;
      }
      const { code: own = MESSAGE_TOO_LARGE, facts } = tooLargeFor(this);
      counters.refuse('update', 'update-too-large');
      log.warn(facts, 'a message is too large');
      super.close(own, new CoscribeError('update-too-large').message);
    }
  };
}
