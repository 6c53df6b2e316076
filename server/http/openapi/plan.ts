import type { ErrorCode } from '../../../shared/errors.js';
import type { Answer, Method, Parameter, Reference, RequestBody } from './openapi.js';

/** Groups of operations, in the order in which they are read. */
export const TAGS = {
  Documents: 'Documents as a whole: which there are, and what they are called.',
  Content: 'What is in a document: read it, change it. A change is answered when it is on disk.',
  Yjs: 'The same content as bytes that Yjs reads, for programs that have a Yjs library.',
  Followers: 'A document as it changes, over one request that does not end.',
  Workspaces: 'All documents of a workspace in one archive.',
  Links: 'Who has a link to a document may open it in the role of the link.',
  Operators: 'What concerns the whole server.',
  Description: 'This description.',
} as const;

export type Tag = keyof typeof TAGS;

/** Who may do something, as the page and the description say it. */
export type LeastRole =
  | 'viewer'
  | 'editor'
  | 'owner'
  | 'operator'
  | 'anybody'
  | `viewer ${string}`
  | `owner ${string}`;

/** An operation as it is written down here; what all have in common is added by `describeApi`. */
export interface Plan {
  readonly method: Method;
  /** With `{workspace}` and the like. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  /** Paragraphs; words between backticks are code. */
  readonly description: string;
  readonly role: LeastRole;
  /** Nobody is asked who he is. */
  readonly forAll?: true;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly body?: RequestBody;
  /** What it answers if all goes well, by status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What it may be refused with beyond `COMMON_CODES`. */
  readonly codes: readonly ErrorCode[];
}

/** What is said of the server by which it differs from others. */
export interface ApiFacts {
  /** Largest body of a request that manages something, in bytes. */
  readonly maxBodyBytes: number;
  /** Largest patch or update of a request that changes content, in bytes. */
  readonly maxUpdateBytes: number;
  /** Largest text, in bytes. */
  readonly maxDocumentBytes: number;
}
