import type { AutoEvents, Problem } from './auto-options.js';

/** Dispatches one of the events at an element. @returns whether somebody has called `preventDefault` */
export function tell<Name extends keyof AutoEvents>(
  element: Element,
  name: Name,
  detail: AutoEvents[Name],
): boolean {
  return !element.dispatchEvent(
    new CustomEvent(name, {
      bubbles: true,
      composed: true,
      cancelable: name === 'coscribe:replaced',
      detail,
    }),
  );
}

/** Says what is wrong with an element, to the page and to whoever looks into the console. */
export function report(element: Element, error: unknown): void {
  const problem = (
    error instanceof Object && 'message' in error ? error : { message: String(error) }
  ) as Problem;
  console.error(`Coscribe: ${problem.message}`, element);
  tell(element, 'coscribe:error', { error: problem });
}
