export { hashContent, isComparableHash } from './content-hash.js';
export { type CheckedUpdate, DocumentIndex } from './document-index.js';
export {
  CoscribeError,
  ERRORS,
  type ErrorCode,
  isWireError,
  toCoscribeError,
  type WireError,
} from './errors.js';
export {
  decodeFrame,
  decodeUpdateList,
  encodeFrame,
  encodeUpdateList,
  frameEnd,
  type UpdateFrame,
} from './frames.js';
export { DEFAULT_WORKSPACE, type DocumentId, documentNamespace, parseDocumentId } from './ids.js';
export { type Presence, type PresenceUser, parsePresence } from './presence.js';
export {
  type ClientToServerEvents,
  type ConnectAuth,
  DEFAULT_TEXT,
  PROTOCOL_VERSION,
  type ServerToClientEvents,
} from './protocol.js';
export { smallestDifference, type TextDifference } from './text-diff.js';
export { checkUpdate } from './update-gate.js';
export { splitUpdate } from './update-split.js';
