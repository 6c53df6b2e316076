import { Interrupted } from '../../cli/interrupted.js';

/** A Ctrl-C that comes when the command asks about it for the `count`th time since `begun`. */
export function interruptAfter(count: number, begun: () => boolean): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let asked = 0;
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (begun() && ++asked === count) controller.abort(new Interrupted('SIGINT'));
      AbortSignal.prototype.throwIfAborted.call(signal);
    },
  });
  return signal;
}
