/** Who holds something that would be gone with the page. */
const holders = new Set<object>();

/**
 * Has the browser ask before it leaves the page, as long as anybody holds something that is nowhere else. Otherwise nobody
 * listens: browsers keep a page with such a listener out of the cache from which they go back at once.
 */
export function askBeforeLeaving(holder: object, asks: boolean): void {
  if (asks) holders.add(holder);
  else holders.delete(holder);
  // Adding it twice is adding it once.
  if (holders.size > 0) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
