/** How something is shown as an element that stays while it changes. */
export interface RowView<T, E extends HTMLElement> {
  keyOf(item: T): string;
  make(item: T): E;
  update(element: E, item: T): void;
}

/**
 * The children of an element, one for each item, in the order of the items. What stays is changed in place, so that focus,
 * selection and the button under somebody's finger stay where they are.
 */
export class KeyedRows<T, E extends HTMLElement> {
  private readonly rows = new Map<string, E>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly view: RowView<T, E>,
  ) {}

  show(items: readonly T[]): void {
    const { keyOf, make, update } = this.view;
    const wanted = new Set(items.map(keyOf));
    for (const [key, row] of this.rows)
      if (!wanted.has(key)) {
        row.remove();
        this.rows.delete(key);
      }
    let next = this.parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      const row = this.rows.get(key) ?? make(item);
      this.rows.set(key, row);
      update(row, item);
      if (row === next) next = next.nextElementSibling;
      else this.parent.insertBefore(row, next);
    }
  }
}

/** Changes a text only if it is another one: selections stay, and live regions speak once. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
