import type { AdminOverview } from '../../../shared/admin.js';
import { browserStorage } from '../browser-storage.js';
import { need } from '../dom.js';
import type { AdminApi } from './admin-api.js';
import { Charts } from './charts.js';
import { type ClusterState, clusterState } from './cluster-state.js';
import { ask } from './confirm.js';
import { DocumentSearch } from './document-search.js';
import { DocumentsView } from './documents-view.js';
import { ErrorsView, showRefusals } from './errors-view.js';
import { countOf } from './format.js';
import { History } from './history.js';
import type { Messages } from './messages.js';
import { NodesView } from './nodes-view.js';
import { Refusals } from './refusals.js';
import { RollCall } from './roll-call.js';
import { showTiles } from './tiles.js';
import { busiest } from './traffic.js';

const RANGE_KEY = 'coscribe.range';
const SHOWN_DOCUMENTS = 20;

/** Everything about all nodes together. */
export class ClusterView {
  private readonly history = new History();
  private readonly rollCall = new RollCall();
  private readonly refusals = new Refusals();
  private readonly charts = new Charts(need('charts', HTMLElement));
  private readonly nodes: NodesView;
  private readonly documents: DocumentsView;
  private readonly search: DocumentSearch;
  private readonly errors: ErrorsView;
  private last: AdminOverview | undefined;

  constructor(
    private readonly api: AdminApi,
    private readonly messages: Messages,
  ) {
    this.nodes = new NodesView(need('nodes', HTMLElement), {
      drain: (node) => void this.drain(node),
      undrain: (node) => void this.undrain(node),
    });
    this.documents = new DocumentsView(need('documents', HTMLElement), need('documents-empty', HTMLElement));
    this.search = new DocumentSearch(api, () => this.showDocuments());
    this.errors = new ErrorsView(need('errors', HTMLElement), need('errors-empty', HTMLElement));
    this.bindFilter();
    this.bindRange();
  }

  /** @returns how all of it is, in a sentence */
  show(overview: AdminOverview): ClusterState {
    this.last = overview;
    this.history.add(overview);
    this.refusals.add(overview);
    const seen = this.rollCall.take(overview);
    const refused = this.refusals.byCode();
    const refusals = refused.reduce((sum, [, count]) => sum + count, 0);
    showTiles(overview, refusals);
    this.showCharts();
    this.nodes.show(seen, overview.at);
    this.showDocuments();
    this.errors.show(overview.errors);
    showRefusals(need('refusals', HTMLElement), refused);
    need('refusals-empty', HTMLElement).hidden = refused.length > 0;
    return clusterState(seen, overview);
  }

  /** The node that answers has said that it is about to stop. */
  leaves(): void {
    if (this.last !== undefined) this.rollCall.leaves(this.last.node);
  }

  private showCharts(): void {
    const range = need('range-15', HTMLInputElement).checked ? 15 : 5;
    this.charts.show(this.history, range * 60_000);
  }

  private showDocuments(): void {
    const { found } = this.search;
    if (found !== undefined) {
      // The list is as old as the search; what goes on in the documents is not.
      const live = new Map(busiest(this.last?.nodes ?? [], Infinity).map((one) => [one.id, one]));
      const documents = found.documents.map((one) => ({ ...one, ...live.get(one.id) }));
      this.documents.show(documents, found.whenEmpty);
    } else if (this.last !== undefined)
      this.documents.show(busiest(this.last.nodes, SHOWN_DOCUMENTS), 'No document is open.');
  }

  private async drain(node: string): Promise<void> {
    const clients = this.last?.nodes.find((report) => report.node === node)?.sessions ?? 0;
    const sure = await ask({
      title: 'Drain this node?',
      sentence: `${node} sends its ${countOf(clients, 'client')} to the other nodes and takes no new ones, until you let it take work again.`,
      action: 'Drain it',
    });
    if (!sure) return;
    await this.attempt(`${node} was not drained`, async () => {
      await this.api.drain(node);
      this.messages.say(`${node} sends its clients away.`);
    });
  }

  private undrain(node: string): Promise<void> {
    return this.attempt(`${node} takes no work`, async () => {
      await this.api.undrain(node);
      this.messages.say(`${node} takes work again.`);
    });
  }

  private async attempt(what: string, run: () => Promise<void>): Promise<void> {
    this.messages.clear();
    try {
      await run();
    } catch (thrown) {
      this.messages.complain(what, thrown);
    }
  }

  private bindFilter(): void {
    const text = need('error-text', HTMLInputElement);
    const level = need('error-level', HTMLSelectElement);
    const filter = (): void => {
      const wanted = level.value === 'error' || level.value === 'warn' ? level.value : 'all';
      this.errors.setFilter({ text: text.value, level: wanted });
    };
    text.addEventListener('input', filter);
    level.addEventListener('change', filter);
  }

  private bindRange(): void {
    const long = need('range-15', HTMLInputElement);
    const storage = browserStorage('sessionStorage');
    long.checked = storage?.getItem(RANGE_KEY) === '15';
    need('range', HTMLElement).addEventListener('change', () => {
      storage?.setItem(RANGE_KEY, long.checked ? '15' : '5');
      this.showCharts();
    });
  }
}
