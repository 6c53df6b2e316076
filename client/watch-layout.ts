import { hostOf, parentInDrawing } from './flat-tree.js';

/**
 * Calls `onChange` whenever an element may look different: another size, style or place in the window, another font,
 * another zoom. Costs nothing while nothing changes. Not told, unless a size or place changes with it: a rule that a
 * script puts into a sheet which is there already (`insertRule`, `adoptedStyleSheets`); no browser tells that.
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
  // What an ancestor's attributes say may change a font, and that changes no size.
  for (let above: Element | undefined = element; above !== undefined; above = parentInDrawing(above)) {
    attributes.observe(above, { attributes: true });
  }
  // Where sheets are switched on, off and away.
  if (page.head !== null) {
    attributes.observe(page.head, { subtree: true, childList: true, attributes: true });
  }
  view.addEventListener('resize', onChange, { signal });
  page.fonts?.addEventListener('loadingdone', onChange, { signal });
  const options = { signal, capture: true, passive: true };
  for (const { root, inner } of rootsAround(element)) {
    const onEvent = ({ target }: Event): void => {
      if (target !== element && target !== null && (target as Node).contains(inner)) onChange();
    };
    // Something that contains the element was scrolled, or has become what its style says.
    for (const type of ['scroll', 'transitionend', 'animationend'])
      root.addEventListener(type, onEvent, options);
    // A sheet has come, or what is in a <style> has changed.
    root.addEventListener('load', onChange, options);
  }
  // The same of the element itself; its own scrolling changes no layout.
  for (const type of ['transitionend', 'animationend']) element.addEventListener(type, onChange, { signal });
  return () => {
    ended.abort();
    sizes.disconnect();
    attributes.disconnect();
    place.stop();
  };
}

/** The trees that an element is in, and what of each of them it is in: an event inside a tree is not heard outside. */
function rootsAround(element: Element): { root: Node; inner: Element }[] {
  const trees: { root: Node; inner: Element }[] = [];
  for (let inner: Element | undefined = element; inner !== undefined; ) {
    const root: Node = inner.getRootNode();
    trees.push({ root, inner });
    inner = hostOf(root);
  }
  return trees;
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
