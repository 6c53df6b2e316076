import type { DocumentTruth, TypistTruth } from '../messages.js';
import { DeletionSet } from './view/deletion-set.js';
import type { LoadDocument } from './view/load-document.js';

/** What this process' people have written, those who have gone among them. */
export function truthOf(documents: readonly LoadDocument[]): DocumentTruth[] {
  return documents.map(({ name, writers }) => ({
    name,
    typists: writers.flatMap(({ author, sentAway }): TypistTruth[] => {
      if (author === undefined || author.clock === 0) return [];
      const { clientId, clock, acked, deleted, ackedDeleted, runs } = author;
      return [
        {
          clientId,
          written: clock,
          acked: acked.clock,
          places: runs.hash,
          deleted: deleted.ranges(),
          ackedDeleted: ackedDeleted.ranges(),
          ...(sentAway === undefined ? {} : { sentAway: true as const }),
        },
      ];
    }),
  }));
}

/** What somebody has written, ready to be compared. */
export interface Written {
  readonly clientId: number;
  readonly written: number;
  readonly acked: number;
  readonly places: number;
  readonly deleted: DeletionSet;
  readonly ackedDeleted: DeletionSet;
  /** What everybody must have of it: all; of somebody who was sent away, what was acknowledged. */
  readonly least: { readonly written: number; readonly deleted: DeletionSet };
}

/** Of each document, by clientID. What several processes told of one document comes together. */
export function writtenBy(truth: readonly DocumentTruth[]): Map<string, Map<number, Written>> {
  const documents = new Map<string, Map<number, Written>>();
  for (const { name, typists } of truth) {
    const written = documents.get(name) ?? new Map<number, Written>();
    documents.set(name, written);
    for (const typist of typists) {
      const deleted = DeletionSet.of(typist.deleted);
      const ackedDeleted = DeletionSet.of(typist.ackedDeleted);
      const { clientId, acked, places } = typist;
      const all = { written: typist.written, deleted };
      const least = typist.sentAway === true ? { written: acked, deleted: ackedDeleted } : all;
      written.set(clientId, { clientId, acked, places, ackedDeleted, ...all, least });
    }
  }
  return documents;
}
