import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { minuteOf, nextDelivery, once } from './delivery-records.js';
import {
  AUTHORS_OF_CHANGES,
  type ClaimOutcome,
  type DeliveryLease,
  type DeliveryStore,
  type DuePage,
  type DuePlace,
  type HookRecord,
  type LifeStore,
  type ToldDelivery,
  type WantedDelivery,
} from './delivery-store.js';
import type { LogRow } from './store.js';

/** What of a document decides what is due. */
export interface MemoryDocument {
  /** Rises with each document that is made. */
  readonly key: number;
  readonly generation: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly head: number;
  readonly rows: readonly LogRow[];
}

interface StoredRecord {
  told: number;
  target: number;
  owner: string;
  until: number;
}

interface StoredHook {
  readonly since: number;
  checkedMinute: number;
  readonly records: WeakMap<MemoryDocument, StoredRecord>;
}

/** What hooks were told, until the process ends. */
export class MemoryDeliveries implements DeliveryStore {
  private readonly hooks = new Map<string, StoredHook>();

  /** @param assertOpen throws if the store is closed */
  constructor(
    private readonly documents: ReadonlyMap<DocumentId, MemoryDocument>,
    readonly life: LifeStore,
    private readonly assertOpen: () => void,
  ) {}

  async beginHook(hook: string, now: number): Promise<HookRecord> {
    this.assertOpen();
    const fresh = { since: now, checkedMinute: minuteOf(now), records: new WeakMap() };
    const { since, checkedMinute } = this.hooks.get(hook) ?? fresh;
    if (!this.hooks.has(hook)) this.hooks.set(hook, fresh);
    return { since, checkedMinute };
  }

  async claimDeliveries(
    name: string,
    wanted: readonly WantedDelivery[],
    lease: DeliveryLease,
  ): Promise<readonly ClaimOutcome[]> {
    const hook = this.begun(name);
    return wanted.map((one) => this.claim(hook, one, lease));
  }

  private claim(hook: StoredHook, { id, commit, upTo }: WantedDelivery, lease: DeliveryLease): ClaimOutcome {
    const document = this.documents.get(id);
    if (document === undefined) return { state: 'nothing' };
    const record = hook.records.get(document);
    const known = record && { ...record, own: record.owner === lease.owner };
    const firstSince = (time: number) => document.rows.find(({ committedAt }) => committedAt >= time)?.seq;
    const { generation, head, createdAt, updatedAt } = document;
    const facts = { generation, head, createdAt, updatedAt, firstSince };
    const next = nextDelivery(known, facts, { since: hook.since, commit, upTo }, lease);
    if (next === undefined) return { state: 'nothing' };
    if ('heldUntil' in next) return { state: 'held', until: next.heldUntil };
    const { told, to } = next;
    hook.records.set(document, { told, target: to, owner: lease.owner, until: lease.until });
    const after = Math.max(told, to - AUTHORS_OF_CHANGES);
    const rows = document.rows.filter(({ seq }) => seq > after && seq <= to).reverse();
    const at = rows[0]?.seq === to ? rows[0].committedAt : document.updatedAt;
    const authors = once(rows.map(({ author }) => author));
    return { state: 'claimed', delivery: { generation, from: told + 1, to, head, at, authors } };
  }

  async completeDeliveries(name: string, told: readonly ToldDelivery[], owner: string): Promise<void> {
    const { records } = this.begun(name);
    for (const { id, generation, to } of told) {
      const document = this.documents.get(id);
      const record = document?.generation === generation ? records.get(document) : undefined;
      if (record === undefined) continue;
      record.told = Math.max(record.told, to);
      if (record.owner === owner) record.until = 0;
    }
  }

  async dueDocuments(name: string, after: DuePlace, limit: number): Promise<DuePage> {
    const { since, records } = this.begun(name);
    const all = [...this.documents]
      .map(([id, document]) => ({ id, document, minute: minuteOf(document.updatedAt), key: document.key }))
      .filter(({ minute, key }) => minute > after.minute || (minute === after.minute && key > after.key))
      .sort((a, b) => a.minute - b.minute || a.key - b.key);
    const page = all.slice(0, Math.max(0, limit));
    const last = page.length < all.length ? page.at(-1) : undefined;
    const due = page.filter(({ document }) => {
      const unknown = document.updatedAt >= since ? 0 : document.head;
      return document.head > (records.get(document)?.told ?? unknown);
    });
    return {
      documents: due.map(({ id, document: { updatedAt } }) => ({ id, updatedAt })),
      next: last && { minute: last.minute, key: last.key },
    };
  }

  async hookChecked(name: string, minute: number): Promise<void> {
    const hook = this.begun(name);
    hook.checkedMinute = Math.max(hook.checkedMinute, minute);
  }

  private begun(name: string): StoredHook {
    this.assertOpen();
    const hook = this.hooks.get(name);
    if (hook === undefined) throw new CoscribeError('internal', 'the hook was not begun');
    return hook;
  }
}
