import type { DocumentTraffic } from '../../shared/admin.js';
import type { DocumentId } from '../../shared/ids.js';
import { perSecond } from './rates.js';

/** How many documents a node tells of. */
const MOST = 20;

/** A document in memory, as far as its traffic is concerned. */
export interface BusyDocument {
  readonly id: DocumentId;
  readonly sessionCount: number;
  /** Since it was loaded. */
  readonly traffic: { readonly edits: number; readonly bytes: number };
}

/** Which documents have the most traffic, by what has come between two looks. Nothing is counted for it but two numbers a document. */
export class Traffic {
  private seen = new WeakMap<BusyDocument, { edits: number; bytes: number }>();

  /**
   * The busiest since the last look: those with the most bytes first, then those with the most people. The first look only begins.
   *
   * @param seconds how long ago the last one was
   */
  look(documents: Iterable<BusyDocument>, seconds: number): DocumentTraffic[] {
    const top: DocumentTraffic[] = [];
    for (const document of documents) {
      const { edits, bytes } = document.traffic;
      const last = this.seen.get(document);
      const found = {
        id: document.id,
        sessions: document.sessionCount,
        editsPerSecond: perSecond(last?.edits ?? 0, edits, seconds),
        bytesPerSecond: perSecond(last?.bytes ?? 0, bytes, seconds),
      };
      if (last === undefined) this.seen.set(document, { edits, bytes });
      else Object.assign(last, { edits, bytes });
      insert(top, found);
    }
    return top;
  }

  /** Nobody looks any more. */
  forget(): void {
    this.seen = new WeakMap();
  }
}

/** Puts a document into its place among the busiest, unless there are enough that are busier. */
function insert(top: DocumentTraffic[], found: DocumentTraffic): void {
  const last = top.at(-1);
  if (top.length >= MOST && last !== undefined && byTraffic(last, found) <= 0) return;
  const place = top.findIndex((one) => byTraffic(found, one) < 0);
  top.splice(place < 0 ? top.length : place, 0, found);
  if (top.length > MOST) top.pop();
}

/** What several nodes tell of the same documents, put together. */
export function mergeTraffic(told: Iterable<DocumentTraffic>): DocumentTraffic[] {
  const merged = new Map<string, DocumentTraffic>();
  for (const one of told) {
    const { sessions, editsPerSecond, bytesPerSecond } = merged.get(one.id) ?? NONE;
    merged.set(one.id, {
      id: one.id,
      sessions: sessions + one.sessions,
      editsPerSecond: editsPerSecond + one.editsPerSecond,
      bytesPerSecond: bytesPerSecond + one.bytesPerSecond,
    });
  }
  return [...merged.values()].sort(byTraffic);
}

const NONE = { sessions: 0, editsPerSecond: 0, bytesPerSecond: 0 };

function byTraffic(a: DocumentTraffic, b: DocumentTraffic): number {
  return b.bytesPerSecond - a.bytesPerSecond || b.sessions - a.sessions || (a.id < b.id ? -1 : 1);
}
