/** The parent of an element in what is drawn, where slots hold what is put into them. */
export function parentInDrawing(element: Element): Element | undefined {
  return element.assignedSlot ?? element.parentElement ?? hostOf(element.getRootNode());
}

/** The element whose shadow tree begins at `root`. */
export function hostOf(root: Node): Element | undefined {
  return 'host' in root ? (root as ShadowRoot).host : undefined;
}
