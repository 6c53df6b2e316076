import type { AdminDocument, AdminVerification } from '../../../shared/admin.js';
import type { DocumentId } from '../../../shared/ids.js';
import { wireErrorOf } from '../api.js';
import { make, need } from '../dom.js';
import { downloadBlob } from '../share.js';
import { type AdminApi, EXPORTS, type ExportFormat } from './admin-api.js';
import { ask } from './confirm.js';
import { countOf, moment, size, whole } from './format.js';
import { setText } from './keyed-rows.js';
import type { Messages } from './messages.js';
import { SessionsView } from './sessions-view.js';

/** How often the facts are read again, in milliseconds. */
const READ_MS = 2_000;
/** Actions that are under way keep others from being started. */
const ACTIONS = ['compact', 'verify', 'export'] as const;

/** The facts of one document, read again while they are looked at, and what can be done with it. */
export class DocumentPanel {
  private id: DocumentId | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly sessions: SessionsView;

  constructor(
    private readonly api: AdminApi,
    private readonly messages: Messages,
  ) {
    this.sessions = new SessionsView(need('document-sessions', HTMLElement), (id, user) =>
      this.end(id, user),
    );
    const on = (name: string, run: (id: DocumentId) => Promise<void>): void =>
      need(`document-${name}`, HTMLButtonElement).addEventListener('click', () => {
        if (this.id !== undefined) void this.run(run, this.id);
      });
    on('compact', (id) => this.compact(id));
    on('verify', (id) => this.verify(id));
    on('export', (id) => this.export(id));
    need('document-format', HTMLSelectElement).append(
      ...EXPORTS.map(([value, label]) => {
        const option = make('option', '', label);
        option.value = value;
        return option;
      }),
    );
  }

  /** Shows this document from now on, or none. */
  open(id: DocumentId | undefined): void {
    this.id = id;
    clearTimeout(this.timer);
    setText(need('document-verdict', HTMLElement), '');
    need('document-problems', HTMLElement).replaceChildren();
    if (id === undefined) return;
    const [workspace = '', name = ''] = id.split('/');
    need('document-title', HTMLElement).replaceChildren(make('span', 'workspace', `${workspace}/`), name);
    need('document-link', HTMLAnchorElement).href = `/d/${id}`;
    need('document-facts', HTMLElement).replaceChildren();
    need('document-body', HTMLElement).hidden = true;
    setText(need('document-state', HTMLElement), 'Reading…');
    this.read();
  }

  /** Reads the facts at once, and every few seconds from then on. */
  read(): void {
    clearTimeout(this.timer);
    const { id } = this;
    if (id === undefined || document.hidden) return;
    void this.show(id).finally(() => {
      if (this.id !== id) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.read(), READ_MS);
    });
  }

  private async show(id: DocumentId): Promise<void> {
    try {
      const facts = await this.api.document(id);
      if (this.id === id) this.showFacts(facts);
    } catch (thrown) {
      if (this.id === id) setText(need('document-state', HTMLElement), wireErrorOf(thrown).message);
    }
  }

  private showFacts(facts: AdminDocument): void {
    need('document-body', HTMLElement).hidden = false;
    const isDeleted = facts.deletedAt !== undefined;
    const silent = facts.silent ?? [];
    setText(
      need('document-state', HTMLElement),
      [
        ...(isDeleted ? [`It was deleted at ${moment(facts.deletedAt)}.`] : []),
        ...(silent.length > 0 ? [`Not answering: ${silent.join(', ')}.`] : []),
      ].join(' '),
    );
    for (const name of ACTIONS) need(`document-${name}`, HTMLButtonElement).hidden = isDeleted;
    need('document-format', HTMLSelectElement).hidden = isDeleted;
    need('document-link', HTMLAnchorElement).hidden = isDeleted;
    showFacts(need('document-facts', HTMLElement), factsOf(facts));
    this.sessions.show(facts.sessions, facts.moreSessions ?? 0);
  }

  private async compact(id: DocumentId): Promise<void> {
    await this.api.compact(id);
    this.messages.say('Compacted: the log is merged into the snapshot.');
  }

  private async verify(id: DocumentId): Promise<void> {
    const verdict = need('document-verdict', HTMLElement);
    setText(verdict, 'Verifying…');
    need('document-problems', HTMLElement).replaceChildren();
    try {
      const found = await this.api.verify(id);
      if (this.id === id) this.showVerification(verdict, found);
    } catch (thrown) {
      setText(verdict, '');
      throw thrown;
    }
  }

  private showVerification(verdict: HTMLElement, { ok, problems, rows, bytes }: AdminVerification): void {
    const what = `${countOf(rows, 'row')}, ${size(bytes)}`;
    setText(
      verdict,
      ok ? `In order: ${what} were read.` : `${countOf(problems.length, 'problem')} found in ${what}.`,
    );
    verdict.dataset.severity = ok ? 'good' : 'bad';
    need('document-problems', HTMLElement).replaceChildren(
      ...problems.map((problem) => make('li', '', make('bdi', '', problem))),
    );
  }

  private async export(id: DocumentId): Promise<void> {
    const format = need('document-format', HTMLSelectElement).value as ExportFormat;
    const extension = EXPORTS.find(([value]) => value === format)?.[2] ?? 'txt';
    downloadBlob(`${id.slice(id.indexOf('/') + 1)}.${extension}`, await this.api.export(id, format));
    this.messages.say('Exported.');
  }

  private async end(session: string, who: string): Promise<void> {
    const sure = await ask({
      title: 'End this session?',
      // Isolated: a name may be written in another direction.
      sentence: `\u2068${who}\u2069 is thrown out of the document. Whoever may enter can come back by loading the page again.`,
      action: 'End the session',
    });
    if (!sure) return;
    await this.attempt('The session was not ended', async () => {
      await this.api.endSession(session);
      this.messages.say('The session has ended.');
    });
  }

  private async run(action: (id: DocumentId) => Promise<void>, id: DocumentId): Promise<void> {
    const buttons = ACTIONS.map((name) => need(`document-${name}`, HTMLButtonElement));
    if (buttons.some((button) => button.ariaDisabled === 'true')) return;
    for (const button of buttons) button.ariaDisabled = 'true';
    await this.attempt('That could not be done', () => action(id));
    for (const button of buttons) button.ariaDisabled = null;
  }

  private async attempt(what: string, run: () => Promise<void>): Promise<void> {
    this.messages.clear();
    try {
      await run();
    } catch (thrown) {
      this.messages.complain(what, thrown);
    }
    this.read();
  }
}

/** Names and values, in the order in which they are read. */
export function factsOf(facts: AdminDocument): (readonly [name: string, value: string])[] {
  return [
    ['Head', whole(facts.head)],
    [
      'Snapshot',
      facts.snapshotSeq === 0 ? 'none yet' : `at ${whole(facts.snapshotSeq)}, ${size(facts.snapshotBytes)}`,
    ],
    ['Rows after it', rowsOf(facts)],
    ['First row kept', whole(facts.firstRow)],
    ['Generation', facts.generation || 'unknown'],
    ['In memory of', facts.openAt.length === 0 ? 'no node' : facts.openAt.join(', ')],
    ['Changed', moment(facts.updatedAt)],
    ['Created', moment(facts.createdAt)],
  ];
}

function rowsOf({ tailRows, tailBytes }: AdminDocument): string {
  return tailBytes === undefined ? whole(tailRows) : `${whole(tailRows)}, ${size(tailBytes)}`;
}

function showFacts(list: HTMLElement, facts: readonly (readonly [string, string])[]): void {
  if (list.childElementCount !== facts.length)
    list.replaceChildren(...facts.map(([name]) => make('div', '', make('dt', '', name), make('dd', ''))));
  facts.forEach(([, value], index) => {
    const cell = list.children.item(index)?.lastElementChild;
    if (cell instanceof HTMLElement) setText(cell, value);
  });
}
