export { ERRORS, type ErrorCode, type WireError } from '../shared/errors.js';
export { DEFAULT_TEXT, type Role } from '../shared/protocol.js';
export type { ProviderStatus } from './connection-state.js';
export { CoscribeProvider } from './provider.js';
export type { ProviderEvents, ProviderOptions } from './provider-options.js';
export type { RejectedEdits } from './rejected-edits.js';
export { showRemoteCarets } from './remote-carets.js';
export { bindTextarea } from './textarea-binding.js';
export type { GetToken } from './token-source.js';
