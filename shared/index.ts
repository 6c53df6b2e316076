export { hashContent, isComparableHash } from './content-hash.js';
export { type AddedClocks, type CheckedUpdate, DocumentIndex } from './document-index.js';
export {
  CoscribeError,
  ERRORS,
  type ErrorCode,
  type ErrorRow,
  isWireError,
  toCoscribeError,
  type WireError,
} from './errors.js';
export {
  decodeFrame,
  decodeUpdateList,
  type EncodedUpdates,
  encodeFrame,
  encodeUpdateList,
  frameEnd,
  type UpdateFrame,
} from './frames.js';
export { DEFAULT_WORKSPACE, type DocumentId, documentNamespace, parseDocumentId } from './ids.js';
export { type Presence, type PresenceCursor, parsePresence } from './presence.js';
export type { PresenceUser } from './presence-user.js';
export {
  type ClientToServerEvents,
  type Committed,
  type ConnectAuth,
  DEFAULT_TEXT,
  type Joined,
  type JoinedUser,
  type JoinRequest,
  PROTOCOL_VERSION,
  type Refused,
  type Renewed,
  type Role,
  type ServerToClientEvents,
  type SessionLimits,
  type UpdateKind,
} from './protocol.js';
export { smallestDifference, type TextDifference } from './text-diff.js';
export { type CheckOptions, checkUpdate } from './update-gate.js';
export { type SplitBounds, splitUpdate } from './update-split.js';
