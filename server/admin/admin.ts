import type {
  AdminDocument,
  AdminDocumentList,
  AdminOverview,
  AdminVerification,
  NodeReport,
} from '../../shared/admin.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { AccessControl, Credentials } from '../auth/access.js';
import type { NodesBus } from '../cluster/bus.js';
import type { Documents, StopTimes } from '../documents/documents.js';
import type { DocumentStore, ListQuery } from '../storage/store.js';
import type { Actor, Audit } from '../telemetry/audit.js';
import type { CrdtWork } from '../workers/crdt-work.js';
import { isSessionsHere, type Question, type SessionsHere } from './node-messages.js';
import { type NodeFacts, NodeReporter, type ProcessUse } from './node-reporter.js';
import { NodesLine } from './nodes-line.js';
import { type Operator, operatorOf } from './operators.js';
import type { RecentErrors } from './recent-errors.js';
import { endSession, sessionsIn } from './sessions.js';
import { mergeTraffic } from './traffic.js';
import { verifyDocument } from './verify-document.js';
import { Watch, type Watcher } from './watch.js';

/** Documents that may be verified at the same time: each is read as a whole. */
const VERIFIED_AT_ONCE = 2;

export interface AdminOptions {
  readonly access: Pick<AccessControl, 'identify'>;
  readonly bus: NodesBus;
  readonly store: DocumentStore;
  readonly documents: Documents;
  readonly crdt: Pick<CrdtWork, 'verify'>;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly errors: RecentErrors;
  /** What this node knows of itself, beside what is asked of the documents. */
  readonly facts: Omit<NodeFacts, 'node' | 'documents'>;
  /** What the process takes, unless it is asked itself. */
  readonly use?: ProcessUse;
  /** How long clients may take to go to other nodes. */
  readonly drainTimes: StopTimes;
}

/** What of the list of documents an operator wants to see. */
export type AdminListQuery =
  | { readonly order: 'traffic'; readonly prefix: string; readonly limit: number }
  | (ListQuery & { readonly order: 'updated' | 'name' });

/** What operators see and do: on this node at once, on the others over the bus. */
export class Admin {
  private readonly line: NodesLine;
  private readonly watching: Watch;
  private verifying = 0;

  constructor(private readonly options: AdminOptions) {
    const { bus, clock, documents, errors, facts, use } = options;
    this.line = new NodesLine({
      bus,
      clock,
      answer: (question) => this.answer(question),
      heard: (message, from) => this.watching.hear(message, from),
    });
    const own = { ...facts, node: bus.node, documents: () => documents.loaded() };
    const reporter = new NodeReporter(own, clock, use);
    this.watching = new Watch({ bus, clock, reporter, errors, tell: (message) => this.line.tell(message) });
  }

  /** Who asks, if he is an operator. @throws CoscribeError as `operatorOf` */
  operator(credentials: Credentials): Promise<Operator> {
    return operatorOf(this.options.access, credentials);
  }

  /** How all nodes fare. Takes a second and more if nobody has asked lately. */
  overview(): Promise<AdminOverview> {
    return this.watching.once();
  }

  /** Tells somebody each second how all nodes fare, until `unwatch`. */
  watch(watcher: Watcher): void {
    this.watching.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this.watching.delete(watcher);
  }

  /** @throws CoscribeError `store-unavailable` */
  async list(query: AdminListQuery): Promise<AdminDocumentList> {
    if (query.order !== 'traffic') {
      const found = await this.options.store.list(query);
      const documents = found.map(({ id, head, updatedAt }) => ({ id, head, updatedAt }));
      return { documents, silent: [] };
    }
    const { nodes, silent } = await this.overview();
    const busiest = mergeTraffic(nodes.flatMap((node) => node.busiest));
    const documents = busiest.filter(({ id }) => id.startsWith(query.prefix)).slice(0, query.limit);
    return { documents, silent };
  }

  /**
   * Everything that is known of a document, also of a deleted one.
   *
   * @throws CoscribeError `no-access` if there is none, `document-moved`, `store-unavailable`
   */
  async describe(id: DocumentId): Promise<AdminDocument> {
    const { store, bus, documents } = this.options;
    const found = await store.find(id);
    if (found === undefined) throw new CoscribeError('no-access');
    if (found.movedTo !== undefined) throw new CoscribeError('document-moved', `it is ${found.movedTo} now`);
    const { head, createdAt, updatedAt, deletedAt } = found;
    const position = (await store.positions([id])).get(id);
    const { answers, silent } = await this.line.askAll({ about: 'sessions', document: id });
    const here = [[bus.node, sessionsIn(documents.loaded(), id, bus.node)] as const];
    const told = [...here, ...[...answers].filter(isTold)];
    return {
      id,
      generation: position?.generation ?? '',
      head: position?.head ?? head,
      createdAt,
      updatedAt,
      ...(deletedAt !== undefined && { deletedAt }),
      snapshotSeq: position?.snapshotSeq ?? 0,
      snapshotBytes: position?.snapshotBytes ?? 0,
      firstRow: position?.firstRow ?? 0,
      tailRows: position === undefined ? 0 : position.head - position.snapshotSeq,
      ...tailBytesIn(told.map(([, here]) => here)),
      sessions: told.flatMap(([, { sessions }]) => sessions),
      moreSessions: told.reduce((sum, [, { more }]) => sum + more, 0),
      openAt: told.filter(([, { open }]) => open).map(([node]) => node),
      silent,
    };
  }

  /** Merges a document's log. @throws CoscribeError as `Documents.compact` and `describe` */
  async compact(by: Actor, id: DocumentId): Promise<AdminDocument> {
    await this.options.documents.compact(id);
    this.options.audit.record('document-compacted', { document: id, ...by });
    return this.describe(id);
  }

  /** @throws CoscribeError as `verifyDocument`; `server-busy` if others are being verified */
  async verify(by: Actor, id: DocumentId): Promise<AdminVerification> {
    if (this.verifying >= VERIFIED_AT_ONCE)
      throw new CoscribeError('server-busy', `${VERIFIED_AT_ONCE} documents are being verified`);
    this.verifying++;
    try {
      const { store, crdt, documents, audit } = this.options;
      const found = await verifyDocument(id, { store, crdt, loaded: () => documents.loaded() });
      audit.record('document-verified', { document: id, ...by });
      return found;
    } finally {
      this.verifying--;
    }
  }

  /** An operator takes along what is in a document. */
  exported(by: Actor, id: DocumentId): void {
    this.options.audit.record('document-exported', { document: id, ...by });
  }

  /**
   * Throws somebody out of a document, on whichever node.
   *
   * @param session as `AdminSession.id`
   * @throws CoscribeError `not-found` if there is none; `server-busy` if its node does not answer
   */
  async endSession(by: Actor, session: string): Promise<void> {
    const dot = session.lastIndexOf('.');
    const node = session.slice(0, Math.max(dot, 0));
    const ended = await this.ask(node, { about: 'end', session: session.slice(dot + 1) });
    if (ended !== true) throw new CoscribeError('not-found', 'there is no such session any more');
    this.options.audit.record('session-ended', { session, ...by });
  }

  /**
   * Has the clients of a node go to others, as a stop would, while it goes on; fulfils when it has begun with it.
   *
   * @throws CoscribeError `not-found`; `server-busy` if no other node takes work, or it does not answer
   */
  async drain(by: Actor, node: string): Promise<void> {
    this.demandNode(node);
    await this.demandOthers(node);
    await this.ask(node, { about: 'drain' });
    try {
      // Somebody may have drained those others at the same time.
      await this.demandOthers(node);
    } catch (error) {
      await this.ask(node, { about: 'resume' });
      throw error;
    }
    this.options.audit.record('node-drained', { node, ...by });
  }

  /** Undoes `drain`. @throws CoscribeError `not-found`; `server-busy` if it does not answer */
  async resume(by: Actor, node: string): Promise<void> {
    await this.ask(node, { about: 'resume' });
    this.options.audit.record('node-resumed', { node, ...by });
  }

  /** Whoever watches is told at once. */
  stateChanged(): void {
    this.watching.stateChanged(this.options.facts.state());
  }

  /** Ends what is measured; whoever watches gets the last of it. */
  stop(): void {
    this.watching.stop();
  }

  /** @throws CoscribeError `server-busy` if no node takes work but this one */
  private async demandOthers(node: string): Promise<void> {
    const { answers } = await this.line.askAll({ about: 'state' });
    const states = new Map<string, NodeReport['state']>(answers);
    states.set(this.options.bus.node, this.options.facts.state());
    const goesOn = [...states].some(([other, state]) => other !== node && state === 'ok');
    if (!goesOn)
      throw new CoscribeError(
        'server-busy',
        'no other node is known to take work, so its clients could go nowhere',
      );
  }

  private demandNode(node: string): void {
    const { bus } = this.options;
    if (node !== bus.node && !bus.others.includes(node))
      throw new CoscribeError('not-found', 'there is no such node');
  }

  /** Asks a node, which may be this one. */
  private async ask(node: string, question: Question): Promise<unknown> {
    this.demandNode(node);
    if (node === this.options.bus.node) return this.answer(question);
    const answer = await this.line.ask(node, question);
    if (answer === undefined) throw new CoscribeError('server-busy', `node ${node} did not answer`);
    return answer;
  }

  /** What this node says to a question, of its own or of another one. */
  private answer(question: Question): unknown {
    const { documents, facts, bus, drainTimes } = this.options;
    switch (question.about) {
      case 'state':
        return facts.state();
      case 'sessions':
        return sessionsIn(documents.loaded(), question.document, bus.node);
      case 'end':
        return endSession(documents.loaded(), question.session);
      case 'drain':
        void documents.standAside(drainTimes);
        this.stateChanged();
        return true;
      case 'resume':
        documents.takeWork();
        this.stateChanged();
        return true;
      default:
        // Of a newer version.
        return undefined;
    }
  }
}

/** Nodes that have a document have the same of it, but for what is on its way. */
function tailBytesIn(told: readonly SessionsHere[]): { readonly tailBytes?: number } {
  const all = told.flatMap(({ tailBytes }) => tailBytes ?? []);
  return all.length === 0 ? {} : { tailBytes: Math.max(...all) };
}

function isTold(told: readonly [string, unknown]): told is readonly [string, SessionsHere] {
  return isSessionsHere(told[1]);
}
