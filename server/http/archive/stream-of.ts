import type { Readable } from 'node:stream';
import { CoscribeError } from '../../../shared/errors.js';
import type { Clock, Timer } from '../../../shared/time.js';

/** Whoever takes nothing for so long is gone, whatever his connection says, in milliseconds. */
const STALLED_AFTER_MS = 60_000;

/**
 * A stream as the body of an answer: the next piece is asked for when the one before it has gone.
 *
 * @param onEnd called once: when all is sent, when nobody takes it any more, or with what went wrong; then it has to cut off the
 *   answer, which nothing else ends
 */
export function streamOf(
  source: Readable,
  clock: Clock,
  onEnd: (error?: unknown) => void,
): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
  let stall: Timer | undefined;
  let isOver = false;
  const going = (): void => {
    if (stall !== undefined) clock.cancel(stall);
    stall = undefined;
  };
  const end = (error?: unknown): void => {
    going();
    if (isOver) return;
    isOver = true;
    source.destroy();
    onEnd(error);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        going();
        try {
          const { done, value } = await pieces.next();
          if (isOver) return;
          if (!done) {
            controller.enqueue(value);
            stall = clock.schedule(STALLED_AFTER_MS, () => end(new CoscribeError('too-slow')));
            return;
          }
          controller.close();
          end();
        } catch (error) {
          end(error);
        }
      },
      cancel: () => end(),
    },
    { highWaterMark: 0 },
  );
}
