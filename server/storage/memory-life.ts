import type { DocumentId } from '../../shared/ids.js';
import {
  type DeliveryLease,
  FORGET_HOOK_MS,
  type LifeEvent,
  type LifeKind,
  type LifeOutcome,
  type LifeStore,
} from './delivery-store.js';
import { firstOfLine } from './life-line.js';

interface StoredEvent extends LifeEvent {
  owner: string;
  until: number;
}

interface StoredHook {
  kinds: readonly LifeKind[];
  seenAt: number;
  readonly events: Map<number, StoredEvent>;
}

/** Which document has a name, and which had it earlier. */
interface NamesOf {
  readonly documents: ReadonlyMap<DocumentId, { readonly generation: string }>;
  moved(
    id: DocumentId,
  ): { readonly document: { readonly id: DocumentId; readonly generation: string } } | undefined;
}

/** What became of documents, until the process ends. */
export class MemoryLife implements LifeStore {
  private readonly hooks = new Map<string, StoredHook>();
  private lastKey = 0;

  /** @param assertOpen throws if the store is closed */
  constructor(
    private readonly names: NamesOf,
    private readonly assertOpen: () => void,
  ) {}

  /** Keeps what becomes of a document, for the hooks that want it. */
  note(
    kind: LifeKind,
    { id, generation, head }: Pick<LifeEvent, 'id' | 'generation' | 'head'>,
    at: number,
    former?: DocumentId,
  ): void {
    for (const { kinds, events } of this.hooks.values()) {
      if (!kinds.includes(kind)) continue;
      const key = ++this.lastKey;
      const moved = former === undefined ? {} : { former };
      events.set(key, { key, kind, id, ...moved, generation, head, at, owner: '', until: 0 });
    }
  }

  async keepEvents(hook: string, kinds: readonly LifeKind[], now: number): Promise<void> {
    this.assertOpen();
    const known = this.hooks.get(hook) ?? { kinds, seenAt: now, events: new Map() };
    Object.assign(known, { kinds, seenAt: now });
    if (kinds.length > 0) this.hooks.set(hook, known);
    else this.hooks.delete(hook);
    for (const [name, { seenAt }] of this.hooks) if (seenAt < now - FORGET_HOOK_MS) this.hooks.delete(name);
  }

  async claimEvents(
    hook: string,
    ids: readonly DocumentId[],
    lease: DeliveryLease,
  ): Promise<readonly LifeOutcome[]> {
    this.assertOpen();
    const events = [...(this.hooks.get(hook)?.events.values() ?? [])];
    return ids.map((id) => this.claim(events, id, lease));
  }

  private claim(events: readonly StoredEvent[], id: DocumentId, lease: DeliveryLease): LifeOutcome {
    const generation = this.names.documents.get(id)?.generation ?? '';
    const event = firstOfLine<StoredEvent>({ id, generation }, (line, before) => {
      const names = [line.id, line.former ?? line.id];
      return events.find(
        (one) =>
          one.key < before &&
          (names.includes(one.id) ||
            (one.former !== undefined && names.includes(one.former)) ||
            one.generation === line.generation),
      );
    });
    if (event === undefined) return { state: 'nothing' };
    if (event.until > lease.now && event.owner !== lease.owner) return { state: 'held', until: event.until };
    event.owner = lease.owner;
    event.until = lease.until;
    const now = this.nameOf(event);
    return { state: 'claimed', event: given(event), ...(now !== undefined && { now }) };
  }

  private nameOf({ id, generation }: LifeEvent): DocumentId | undefined {
    if (this.names.documents.get(id)?.generation === generation) return id;
    const moved = this.names.moved(id)?.document;
    return moved?.generation === generation ? moved.id : undefined;
  }

  async completeEvents(hook: string, keys: readonly number[]): Promise<void> {
    this.assertOpen();
    for (const key of keys) this.hooks.get(hook)?.events.delete(key);
  }

  async dueEvents(hook: string, after: number, limit: number): Promise<readonly LifeEvent[]> {
    this.assertOpen();
    const events = [...(this.hooks.get(hook)?.events.values() ?? [])];
    return events
      .filter(({ key }) => key > after)
      .slice(0, Math.max(0, limit))
      .map(given);
  }
}

function given({ owner: _, until: __, ...event }: StoredEvent): LifeEvent {
  return event;
}
