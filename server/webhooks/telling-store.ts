import type { DocumentId } from '../../shared/ids.js';
import type { LifeKind } from '../storage/delivery-store.js';
import type { DocumentStore } from '../storage/store.js';

/** What creates documents and does away with them; everything else of a store is as it was. */
type Acts = Pick<DocumentStore, 'open' | 'create' | 'remove' | 'restore' | 'rename' | 'purge'>;

/** A store that says of which documents it has just noted something, so that nobody has to look for it. */
export function tellingStore(
  store: DocumentStore,
  happened: (id: DocumentId, kind: LifeKind) => void,
): DocumentStore {
  const sayIf = (done: boolean, id: DocumentId, kind: LifeKind): void => {
    if (done) happened(id, kind);
  };
  const acts: Acts = {
    async open(id, now) {
      const head = await store.open(id, now);
      // It may have been there, empty: then there is nothing to tell.
      sayIf(head.head === 0, id, 'created');
      return head;
    },
    async create(id, now, link) {
      const done = await store.create(id, now, link);
      sayIf(done, id, 'created');
      return done;
    },
    async remove(id, now, at) {
      const done = await store.remove(id, now, at);
      sayIf(done, id, 'deleted');
      return done;
    },
    async restore(id) {
      const done = await store.restore(id);
      sayIf(done, id, 'restored');
      return done;
    },
    async rename(from, to, now, at) {
      const outcome = await store.rename(from, to, now, at);
      sayIf(outcome === 'done', to, 'moved');
      return outcome;
    },
    async purge(deletedUntil, limit) {
      const purged = await store.purge(deletedUntil, limit);
      for (const id of purged) happened(id, 'purged');
      return purged;
    },
  };
  // Bound once: edits go through here.
  const bound = new Map<PropertyKey, unknown>(Object.entries(acts));
  return new Proxy(store, {
    get(target, name) {
      const known = bound.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method: unknown = value.bind(target);
      bound.set(name, method);
      return method;
    },
  });
}
