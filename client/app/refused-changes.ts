import type { ErrorCode, WireError } from '../../shared/errors.js';
import { endsAccess } from './notice.js';

/**
 * What becomes of unsaved changes when the server refuses them, or the whole document. `handed-back`: the page shows them by
 * themselves, as it goes on without them. `kept`: they stay on this device, and are sent another time. `shown`: the page goes on
 * showing them in the text, and goes no further.
 */
export type Fate = 'handed-back' | 'kept' | 'shown';

/** Who signs in again is who he was. */
const SIGN_IN_AGAIN: readonly ErrorCode[] = ['token-expired', 'unauthenticated'];
/** What is refused so is refused for good. */
const NEVER_TAKEN: readonly ErrorCode[] = [
  'invalid-update',
  'update-refused',
  'update-too-large',
  'document-too-large',
];

interface Keeper {
  /** They are kept on this device. */
  readonly isKept: boolean;
  /** For somebody who signs in. */
  readonly isPersonal: boolean;
}

export function fateOf(error: WireError, { isKept, isPersonal }: Keeper): Fate {
  const { code } = error;
  if (code === 'read-only' || code === 'copy-diverged') return 'handed-back';
  if (endsAccess(error)) return isKept && isPersonal && SIGN_IN_AGAIN.includes(code) ? 'kept' : 'handed-back';
  return isKept && !NEVER_TAKEN.includes(code) ? 'kept' : 'shown';
}

/** Whether nothing of the document is to stay on this device after such a refusal. */
export function mustForget(error: WireError, isPersonal: boolean): boolean {
  return endsAccess(error) && !(isPersonal && SIGN_IN_AGAIN.includes(error.code));
}
