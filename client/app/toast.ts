const SHOWN_MS = 4000;

/** Says something in passing at the foot of the page. */
export function toaster(element: HTMLElement): (message: string) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (message) => {
    clearTimeout(timer);
    element.textContent = message;
    element.classList.add('shown');
    timer = setTimeout(() => {
      element.classList.remove('shown');
      element.textContent = '';
    }, SHOWN_MS);
  };
}
