import { StoreOpenError } from './store-open-error.js';

/** Everything of one store that is being written into an empty one. */
export interface Migration {
  /** The store that it is from, without secrets. */
  readonly source: string;
  /** No other migration has this. */
  readonly id: string;
}

/**
 * Why no server starts with a store: it was interrupted what writes another one into it, and whoever opened a document that
 * has not come yet would begin an empty one.
 */
export function unfinishedMigration(place: string, source: string): StoreOpenError {
  return new StoreOpenError(
    `Documents are being moved into ${place} from ${source}, and not all of them have come. Give that coscribe migrate again, it goes on where it was; or make a store of what is there with coscribe verify --repair.`,
  );
}
