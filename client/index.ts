export { CoscribeError, ERRORS, type ErrorCode, type ErrorRow, type WireError } from '../shared/errors.js';
export type { DocumentId } from '../shared/ids.js';
export { type ContentCheck, DEFAULT_TEXT, type JoinedUser, type Role } from '../shared/protocol.js';
export type { Clock, Random, Timer } from '../shared/time.js';
export {
  type AutoBinding,
  type AutoEvents,
  type AutoOptions,
  type AutoStatus,
  bindAll,
  coscribeFor,
  type Problem,
  type Rejected,
} from './auto/bind-all.js';
export type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
export type { ProviderStatus } from './connection-state.js';
export type { Keeping, KeepOffline } from './keeping.js';
export { forgetOffline, keepOffline, type OfflineOptions } from './offline/keep-offline.js';
export { CoscribeProvider } from './provider.js';
export type { ProviderEvents, ProviderOptions } from './provider-options.js';
export type { RejectedEdits, ReplacedCopy } from './rejected-edits.js';
export { type RemoteCarets, type RemoteCaretsOptions, showRemoteCarets } from './remote-carets.js';
export { bindTextarea } from './textarea-binding.js';
export type { GetToken } from './token-source.js';
export type { UndoOptions } from './undo-history.js';
