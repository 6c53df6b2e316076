/** How often something is read again while the page is looked at, in milliseconds. */
const POLL_MS = 4000;

/** Reads something every few seconds, and when somebody comes back to the page. @returns what reads it at once */
export function watchWhileVisible(read: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  const refresh = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    clearTimeout(timer);
    try {
      await read();
    } finally {
      reading = false;
      if (!document.hidden) timer = setTimeout(refresh, POLL_MS);
    }
  };
  const now = (): void => void refresh();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else now();
  });
  addEventListener('focus', now);
  addEventListener('pageshow', now);
  now();
  return now;
}
