/** How long the second click is waited for, in milliseconds. */
const WAIT_MS = 5_000;

export interface TwoStep {
  /** What the button says while it waits for the second click. */
  readonly sure: string;
  /** Told to those who do not see the button change. */
  tell(message: string): void;
  /** Whether one click is enough, as nothing would be lost. */
  harmless?(): boolean;
  run(): void;
}

/** A button for what can't be taken back: it asks, and does it when it is clicked again within five seconds. */
export function bindTwoStep(button: HTMLButtonElement, { sure, tell, harmless, run }: TwoStep): void {
  const calm = button.textContent ?? '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const relax = (): void => {
    clearTimeout(timer);
    timer = undefined;
    button.textContent = calm;
    button.classList.remove('sure');
  };
  button.addEventListener('click', (event) => {
    // A double click is one decision.
    if (event.detail > 1) return;
    if (timer === undefined && harmless?.() !== true) {
      button.textContent = sure;
      button.classList.add('sure');
      tell(`${sure} Press the button again within 5 seconds.`);
      timer = setTimeout(relax, WAIT_MS);
      return;
    }
    relax();
    run();
  });
}
