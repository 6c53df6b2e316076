import type { AdminListedDocument } from '../../../shared/admin.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { wireErrorOf } from '../api.js';
import { need } from '../dom.js';
import type { AdminApi } from './admin-api.js';
import { documentHash } from './route.js';

/** Nothing is asked while somebody types, in milliseconds. */
const REST_MS = 250;
const LIMIT = 20;

/** What was looked for, and what was found; `undefined`: nothing is looked for. */
export interface Found {
  readonly documents: readonly AdminListedDocument[];
  /** What is said if there are none. */
  readonly whenEmpty: string;
}

/** The field in which documents are looked for by the beginning of their names; Enter goes to the one of that name. */
export class DocumentSearch {
  private readonly field = need('search', HTMLInputElement);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private result: Found | undefined;

  constructor(
    private readonly api: AdminApi,
    private readonly onChange: () => void,
  ) {
    this.field.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.find(), REST_MS);
    });
    need('search-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.go();
    });
  }

  get found(): Found | undefined {
    return this.result;
  }

  private async find(): Promise<void> {
    const prefix = this.field.value.trim();
    const number = ++this.asked;
    const result = prefix === '' ? undefined : await this.ask(prefix);
    // Answers may come in another order.
    if (number !== this.asked) return;
    this.result = result;
    this.onChange();
  }

  private async ask(prefix: string): Promise<Found> {
    try {
      const { documents } = await this.api.find(prefix, LIMIT);
      return { documents, whenEmpty: 'No document’s name begins so.' };
    } catch (thrown) {
      return { documents: [], whenEmpty: wireErrorOf(thrown).message };
    }
  }

  private go(): void {
    try {
      location.hash = documentHash(parseDocumentId(this.field.value.trim()));
    } catch (thrown) {
      this.asked++;
      const whenEmpty = thrown instanceof Error ? thrown.message : '';
      this.result = { documents: [], whenEmpty };
      this.onChange();
    }
  }
}
