/**
 * Calls `onChange` whenever an element may look different: another size, style or place in the window, another font,
 * another zoom. Costs nothing while nothing changes.
 */
export function watchLayout(element: HTMLElement, onChange: () => void): () => void {
  const page = element.ownerDocument;
  const view = page.defaultView ?? window;
  const ended = new AbortController();
  const { signal } = ended;
  const place = watchPlace(element, onChange);
  const sizes = new ResizeObserver(() => {
    place.cut();
    onChange();
  });
  sizes.observe(element);
  const attributes = new MutationObserver(onChange);
  attributes.observe(element, {
    attributes: true,
    attributeFilter: ['class', 'style', 'dir', 'wrap', 'type'],
  });
  view.addEventListener('resize', onChange, { signal });
  page.fonts?.addEventListener('loadingdone', onChange, { signal });
  // Something that contains the element was scrolled.
  page.addEventListener(
    'scroll',
    ({ target }) => {
      if (target !== element && target instanceof Node && target.contains(element)) onChange();
    },
    { signal, capture: true, passive: true },
  );
  return () => {
    ended.abort();
    sizes.disconnect();
    attributes.disconnect();
    place.stop();
  };
}

/**
 * Tells when an element moved in the window although nothing of the above happened, for instance because something
 * above it grew. An intersection observer whose root is cut to exactly where the element is fires as soon as the
 * element is not exactly there any more; then it is cut anew.
 */
function watchPlace(element: HTMLElement, onMove: () => void): { cut(): void; stop(): void } {
  let observer: IntersectionObserver | undefined;
  const cut = (): void => {
    observer?.disconnect();
    const { documentElement } = element.ownerDocument;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const margins = [top, documentElement.clientWidth - right, documentElement.clientHeight - bottom, left];
    const rootMargin = margins.map((margin) => `${-Math.floor(margin)}px`).join(' ');
    // What is seen of it at the first call is the standard; parts may be outside the window.
    let standard: number | undefined;
    observer = new IntersectionObserver(
      (entries) => {
        const ratio = entries.at(-1)?.intersectionRatio ?? 0;
        standard ??= ratio;
        if (ratio === standard) return;
        onMove();
        cut();
      },
      { root: element.ownerDocument, rootMargin, threshold: STEPS },
    );
    observer.observe(element);
  };
  cut();
  return { cut, stop: () => observer?.disconnect() };
}

/** Shares of the element at whose crossing the browser looks again. */
const STEPS = Array.from({ length: 101 }, (_, step) => step / 100);
