import { createHash } from 'node:crypto';
import type { DocumentId } from '../../shared/ids.js';
import type { Delivery, LifeEvent } from '../storage/delivery-store.js';

/** What all events have. */
export interface DocumentEvent {
  /** The header `webhook-id`: the same whenever this is told, so that whoever has seen it may pass it over. */
  readonly id: string;
  /** `{workspace}/{name}` */
  readonly document: string;
  /** Stays while a document is renamed, deleted and restored; one that is made anew under a name has another one. */
  readonly generation: string;
}

/** Changes `from` to `to` of a document were committed. */
export interface DocumentChanged extends DocumentEvent {
  readonly type: 'document.changed';
  /** The first of the changes; 1 if the document has just begun. */
  readonly from: number;
  /** The last of the changes: what stands in `head` when the document is asked for. */
  readonly to: number;
  /** When the last of them was committed; ISO 8601, UTC. */
  readonly at: string;
  /** Who made them, each once, the last one first; of very many changes only the authors of the last ones. */
  readonly authors: readonly string[];
}

/** A document was created, deleted, restored, or erased for good, after which it cannot be restored. */
export interface DocumentLife extends DocumentEvent {
  readonly type: 'document.created' | 'document.deleted' | 'document.restored' | 'document.purged';
  /** The last of its changes then; 0 if there were none. */
  readonly head: number;
  /** When that was; ISO 8601, UTC. */
  readonly at: string;
}

/** A document was given another name: `document` from then on. */
export interface DocumentMoved extends DocumentEvent {
  readonly type: 'document.moved';
  /** The name that it had. */
  readonly previous: string;
  /** The last of its changes then; 0 if there were none. */
  readonly head: number;
  /** When that was; ISO 8601, UTC. */
  readonly at: string;
}

/** What a webhook is told. `type` says what. */
export type WebhookEvent = DocumentChanged | DocumentLife | DocumentMoved;

/** What is to be told: changes of a document, or what became of it. */
export type Due =
  | {
      /** The document's name in the store. */
      readonly id: DocumentId;
      /** The name that it had when they were made, as far as that is known. */
      readonly name: DocumentId;
      readonly delivery: Delivery;
      /** Whether something else became of the document after them, which has to be told next. */
      readonly more: boolean;
      readonly event?: never;
    }
  | { readonly event: LifeEvent };

export function eventOf(due: Due): WebhookEvent {
  if (due.event !== undefined) return lifeEventOf(due.event);
  const { name: document, delivery } = due;
  const { generation, from, to, at, authors } = delivery;
  const id = idOf([document, generation, from, to]);
  return {
    id,
    type: 'document.changed',
    document,
    generation,
    from,
    to,
    at: new Date(at).toISOString(),
    authors,
  };
}

function lifeEventOf({ key, kind, id: document, former, generation, head, at }: LifeEvent): WebhookEvent {
  const id = idOf([kind, document, generation, head, at, key]);
  const rest = { document, generation, head, at: new Date(at).toISOString() };
  if (kind === 'moved') return { id, type: 'document.moved', previous: former ?? document, ...rest };
  return { id, type: `document.${kind}`, ...rest };
}

/** Without a full stop, which would make it ambiguous what was signed. */
function idOf(facts: readonly (string | number)[]): string {
  return `msg_${createHash('sha256').update(facts.join('\n')).digest('base64url').slice(0, 32)}`;
}
