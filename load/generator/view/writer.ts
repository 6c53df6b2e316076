import type { PlannedDocument } from '../../plan.js';
import type { Author } from '../author/author.js';
import type { Problems } from '../problems.js';
import type { WrittenText } from '../text/written-text.js';
import type { ClientIds, Identity } from './client-ids.js';
import type { KnownSets } from './deletion-set.js';
import type { Places } from './places.js';

/** One clientID under which somebody writes, in this process or in another one. */
export interface Writer {
  /** Its place in every view of the document. */
  readonly index: number;
  readonly clientId: number;
  readonly identity: Identity;
  readonly known: KnownSets;
  /** Where his characters stand, if he is one of another process. */
  readonly places: Places;
  /** If he is one of this process. */
  author: Author | undefined;
  /** What the server has told him, and by which code: `told to begin anew: …`, `refused for good: …`. */
  sentAway: string | undefined;
}

/** What is known of everybody's writing in one document. */
export interface Writings {
  readonly name: string;
  readonly plan: PlannedDocument;
  readonly text: WrittenText;
  readonly problems: Problems;
  readonly ids: ClientIds;
  /** Who writes under this clientID; `undefined` if nobody does who types in this document. */
  writer(clientId: number): Writer | undefined;
}
