/// <reference lib="dom" />

/** What a page counts about itself; lies in `window.probe`. */
export interface Probe {
  /** Calls of `requestAnimationFrame`: as many as the page could have drawn frames. */
  frames: number;
  /** Milliseconds from each key of the page's own user until the frame that shows it was handed over. */
  keyToPaint: number[];
  /** How often a script wrote the text of a field. */
  writes: number;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/** Runs in the page before its own scripts. */
export function installProbe(): void {
  const probe: Probe = { frames: 0, keyToPaint: [], writes: 0 };
  window.probe = probe;
  const frame = () => {
    probe.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const measure = ({ timeStamp }: KeyboardEvent) => {
    requestAnimationFrame(() => {
      // A message is handled after the frame that this callback belongs to.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        probe.keyToPaint.push(performance.now() - timeStamp);
        port1.close();
      };
      port2.postMessage(0);
    });
  };
  addEventListener('keydown', measure, { capture: true });
  const { prototype } = HTMLTextAreaElement;
  const value = Object.getOwnPropertyDescriptor(prototype, 'value');
  const { setRangeText } = prototype;
  Object.defineProperty(prototype, 'value', {
    ...value,
    set(this: HTMLTextAreaElement, text: string) {
      probe.writes += 1;
      value?.set?.call(this, text);
    },
  });
  prototype.setRangeText = function (this: HTMLTextAreaElement, ...change: unknown[]) {
    probe.writes += 1;
    Reflect.apply(setRangeText, this, change);
  };
}

/** For a page with nothing but a text area: fills it, and may write a character somewhere in each frame. */
export function showBare({ text, writes }: { readonly text: string; readonly writes: boolean }): void {
  const style =
    'box-sizing:border-box;width:828px;height:640px;padding:56px 66px;border:0;font:19px/1.7 Georgia,"Liberation Serif",serif';
  document.body.innerHTML = '<textarea id="editor"></textarea>';
  const field = document.querySelector('textarea') as HTMLTextAreaElement;
  field.style.cssText = style;
  field.value = text;
  const write = () => {
    const at = Math.floor(Math.random() * field.value.length);
    field.setRangeText('x', at, at, 'preserve');
    requestAnimationFrame(write);
  };
  if (writes) requestAnimationFrame(write);
}
