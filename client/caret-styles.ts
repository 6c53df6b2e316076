/**
 * Everything lives in a shadow tree, which the page's styles do not reach, nor these the page. They do reach the host:
 * there `!important` of the inner tree wins. Its place and size are left to the overlay. What is inherited ends at the
 * layer. The parts and the custom properties are for the page: `[data-coscribe-carets]::part(flag)`.
 */
export const OVERLAY_CSS = `
:host {
  display: block !important; float: none !important; right: auto !important; bottom: auto !important;
  min-width: 0 !important; min-height: 0 !important; max-width: none !important; max-height: none !important;
  box-sizing: border-box !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
  outline: 0 !important; background: none !important; box-shadow: none !important; overflow: hidden !important;
  visibility: visible !important; opacity: 1 !important; filter: none !important; mask: none !important;
  transform-origin: 0 0 !important; translate: none !important; rotate: none !important; scale: none !important;
  transition: none !important; animation: none !important; columns: auto !important;
  writing-mode: horizontal-tb !important; direction: ltr !important;
  pointer-events: none !important; user-select: none !important; contain: strict !important;
}
.layer {
  all: initial; direction: ltr; position: absolute; left: 0; top: 0; width: 0; height: 0; pointer-events: none; user-select: none;
}
.selections { position: absolute; left: 0; top: 0; opacity: var(--coscribe-selection-opacity, 0.22); }
.selection { position: absolute; background: var(--person); }
.caret { position: absolute; background: var(--person); border-radius: 1px; }
.flag {
  position: absolute; left: 0; top: 0; height: 16px; box-sizing: border-box; max-width: 14em; padding: 0 5px;
  border-radius: 4px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext;
  font: 600 11px/16px system-ui, sans-serif; color: var(--on-person); background: var(--person);
  opacity: 0; transition: opacity 200ms ease-out 100ms;
}
.person[data-shown] .flag { opacity: 1; transition-delay: 0ms; }
@media (prefers-reduced-motion: reduce) { .flag { transition: none; } }
@media (forced-colors: active) {
  .caret { background: CanvasText; forced-color-adjust: none; }
  .selection { background: Highlight; forced-color-adjust: none; }
  .flag { border: 1px solid CanvasText; line-height: 14px; color: CanvasText; background: Canvas; forced-color-adjust: none; }
}
@media print { :host { display: none !important; } }
`;

/** For the block that lays out the text of a field once more. */
export const MIRROR_CSS = `
:host {
  display: block !important; position: fixed !important; left: 0 !important; top: 0 !important;
  right: auto !important; bottom: auto !important; width: 0 !important; height: 0 !important;
  min-width: 0 !important; min-height: 0 !important; margin: 0 !important; padding: 0 !important; border: 0 !important;
  zoom: 1 !important; transform: none !important; translate: none !important; rotate: none !important;
  scale: none !important; transition: none !important; animation: none !important; overflow: hidden !important;
  direction: ltr !important; writing-mode: horizontal-tb !important; content-visibility: visible !important;
  visibility: hidden !important; pointer-events: none !important; user-select: none !important;
  contain: strict !important;
}
.initial { all: initial; position: absolute; left: 0; top: 0; visibility: hidden; }
.scale, .mirror { position: absolute; }
.mirror > * { unicode-bidi: inherit; }
.mirror > * + * { text-indent: 0; }
.sample { position: absolute; letter-spacing: 0; word-spacing: 0; }
`;

const sheets = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/**
 * Styles a shadow tree. A constructed sheet, one a page, and not a `<style>` element: a strict content security policy
 * forbids those.
 */
export function adoptStyles(root: ShadowRoot, css: string): void {
  const page = root.ownerDocument;
  const known = sheets.get(page) ?? new Map<string, CSSStyleSheet>();
  sheets.set(page, known);
  let sheet = known.get(css);
  if (sheet === undefined) {
    // A sheet belongs to the page whose constructor made it, which inside a frame is another one.
    const { CSSStyleSheet: Sheet } = (page.defaultView ?? window) as typeof globalThis & Window;
    sheet = new Sheet();
    sheet.replaceSync(css);
    known.set(css, sheet);
  }
  root.adoptedStyleSheets = [sheet];
}

/** Black or white, whichever has more contrast with a `#rrggbb` (relative luminance as WCAG 2 defines it). */
export function readableOn(color: string): string {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  // Where (L + 0.05) / 0.05 equals 1.05 / (L + 0.05).
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}
