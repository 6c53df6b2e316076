import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { Hooks, LeaveEvent, Seed, StatelessAnswer } from '../hooks/hooks.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import { CommitReports, type ReportedCommit } from './commit-reports.js';
import { HOOK_TIMEOUT_MS, HookCalls } from './hook-calls.js';
import type { Session } from './session.js';

const ON_JOIN_FALSE =
  'onJoin returned false; to refuse somebody throw a CoscribeError, such as new CoscribeError("no-access")';

interface DocumentHooksOptions {
  readonly hooks: Hooks;
  readonly hookTimeoutMs?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Pick<Counters, 'count'>;
}

/** The application's hooks as the documents of a node see them. There is none of this where no hooks are given. */
export class DocumentHooks {
  private readonly hooks: Hooks;
  private readonly calls: HookCalls;
  private readonly reports: CommitReports | undefined;
  /** Sessions that were let in: of each it is told once that it has left. */
  private readonly inside = new Set<Session>();
  private readonly leaving = new Set<Promise<void>>();

  constructor(options: DocumentHooksOptions) {
    this.hooks = options.hooks;
    this.calls = new HookCalls({ ...options, timeoutMs: options.hookTimeoutMs ?? HOOK_TIMEOUT_MS });
    if (this.hooks.onCommit !== undefined)
      this.reports = new CommitReports((event) =>
        this.tell('onCommit', event.document, () => this.hooks.onCommit?.(event)),
      );
  }

  /** Whether the application wants to know of a document before it is opened. */
  get prepares(): boolean {
    return this.hooks.onLoad !== undefined;
  }

  /**
   * Asks for what an empty document begins with.
   *
   * @throws CoscribeError what the hook throws; `document-not-ready`, `shutting-down`
   */
  load(document: DocumentId, isEmpty: boolean): Promise<Seed | undefined> {
    const run = () => this.hooks.onLoad?.({ document, isEmpty });
    return this.calls.call('onLoad', document, run, 'document-not-ready');
  }

  /** What `load` gave is of no use. */
  refuseSeed(document: DocumentId, reason: unknown): CoscribeError {
    this.calls.note('onLoad', document, reason);
    return new CoscribeError('document-not-ready', undefined, { cause: reason });
  }

  /** A session comes in. @throws CoscribeError what the hook throws; `internal`, `shutting-down` */
  async enter(session: Session): Promise<void> {
    const { onJoin, onLeave } = this.hooks;
    // It joins again after an interruption, or nobody is there.
    if ((onJoin ?? onLeave) === undefined || this.inside.has(session) || session.byApplication) return;
    const { document, role, admission } = session;
    const { address } = admission;
    const event = { ...stay(session), role, ...(address !== undefined && { address }) };
    await this.calls.call('onJoin', document, async () => {
      // Elsewhere that is how one says no: nobody gets in by a mistake.
      if ((await this.hooks.onJoin?.(event)) === false) throw new TypeError(ON_JOIN_FALSE);
    });
    this.inside.add(session);
    if (session.left) this.leave(session);
  }

  /** A session tells the application something beside the document. @throws CoscribeError `internal` */
  async stateless(session: Session, payload: string): Promise<StatelessAnswer> {
    const { onStateless } = this.hooks;
    if (onStateless === undefined || session.byApplication) return undefined;
    const { document, role } = session;
    const event = { ...stay(session), role, payload };
    return this.calls.call('onStateless', document, () => this.hooks.onStateless?.(event));
  }

  /** A session has left, or was never in. */
  leave(session: Session): void {
    if (!this.inside.delete(session) || this.hooks.onLeave === undefined) return;
    const told = this.tell('onLeave', session.document, () => this.hooks.onLeave?.(stay(session)));
    this.leaving.add(told);
    void told.then(() => this.leaving.delete(told));
  }

  /** Rows are durable. */
  committed(commit: ReportedCommit): void {
    this.reports?.add(commit);
  }

  /** Nobody waits any more for a hook before he gets in. */
  endWaits(): void {
    this.calls.endWaits(new CoscribeError('shutting-down'));
  }

  /** Fulfils when everything is told. */
  async drained(): Promise<void> {
    await this.reports?.drained();
    await Promise.all(this.leaving);
  }

  private async tell(name: 'onCommit' | 'onLeave', document: DocumentId, run: () => unknown): Promise<void> {
    try {
      await this.calls.call(name, document, run);
    } catch {
      // It is in the log; nobody waits for it.
    }
  }
}

function stay({ document, id, admission }: Session): LeaveEvent {
  const { identity, link } = admission.grant;
  return { document, session: id, identity, ...(link !== undefined && { link }) };
}
