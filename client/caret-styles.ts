/**
 * Everything lives in a shadow tree, which the page's styles do not reach, nor these the page. They do reach the host:
 * there `!important` of the inner tree wins. Its place and size are left to the overlay.
 */
const CSS = `
:host {
  position: absolute !important; display: block !important; float: none !important;
  right: auto !important; bottom: auto !important; min-width: 0 !important; min-height: 0 !important;
  max-width: none !important; max-height: none !important; box-sizing: border-box !important;
  margin: 0 !important; padding: 0 !important; border: 0 !important; background: none !important;
  overflow: hidden !important; opacity: 1 !important; transform: none !important; transition: none !important;
  pointer-events: none !important; user-select: none !important; contain: strict !important;
}
.layer { position: absolute; left: 0; top: 0; width: 0; height: 0; }
.mirror { position: absolute; visibility: hidden; }
.mirror > * { unicode-bidi: inherit; }
.mirror > * + * { text-indent: 0; }
.selection { position: absolute; left: 0; top: 0; background: var(--person); opacity: 0.22; }
.caret { position: absolute; left: 0; top: 0; width: 2px; margin-left: -1px; background: var(--person); border-radius: 1px; }
.flag {
  position: absolute; left: 0; top: 0; height: 16px; box-sizing: border-box; max-width: 14em; padding: 0 5px; border-radius: 4px;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font: 600 11px/16px system-ui, sans-serif; color: var(--on-person); background: var(--person);
  opacity: 0; transition: opacity 200ms ease-out 100ms;
}
.person[data-shown] .flag { opacity: 1; transition-delay: 0ms; }
@media (prefers-reduced-motion: reduce) { .flag { transition: none; } }
@media (forced-colors: active) {
  .caret { background: CanvasText; forced-color-adjust: none; }
  .selection { background: Highlight; forced-color-adjust: none; }
  .flag { border: 1px solid CanvasText; color: CanvasText; background: Canvas; forced-color-adjust: none; }
}
@media print { :host { display: none !important; } }
`;

const sheets = new WeakMap<Document, CSSStyleSheet>();

/**
 * Styles a shadow tree. A constructed sheet, one a page, and not a `<style>` element: a strict content security policy
 * forbids those.
 */
export function adoptCaretStyles(root: ShadowRoot): void {
  const page = root.ownerDocument;
  let sheet = sheets.get(page);
  if (sheet === undefined) {
    // A sheet belongs to the page whose constructor made it, which inside a frame is another one.
    const { CSSStyleSheet: Sheet } = (page.defaultView ?? window) as typeof globalThis & Window;
    sheet = new Sheet();
    sheet.replaceSync(CSS);
    sheets.set(page, sheet);
  }
  root.adoptedStyleSheets = [sheet];
}
