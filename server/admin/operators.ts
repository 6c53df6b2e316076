import { CoscribeError } from '../../shared/errors.js';
import type { AccessControl, Credentials } from '../auth/access.js';
import type { Actor } from '../telemetry/audit.js';

/** Somebody who may see and do what concerns the whole server. */
export interface Operator {
  readonly actor: Actor;
  /** When that ends, in milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined;
}

/**
 * Who it is that asks, if he is an operator.
 *
 * @throws CoscribeError as `AccessControl.identify`; `unauthenticated` to whoever has not said who he is or brings
 *   a token that says nothing, `not-allowed` to whoever is somebody else
 */
export async function operatorOf(
  access: Pick<AccessControl, 'identify'>,
  credentials: Credentials,
): Promise<Operator> {
  const { operator, user, expiresAt } = await access.identify(credentials);
  if (operator === true) {
    const { address } = credentials;
    return { actor: { ...(user !== undefined && { user }), address }, expiresAt };
  }
  if (user !== undefined) throw new CoscribeError('not-allowed', 'this is for operators');
  const isWrong = credentials.token !== undefined;
  throw new CoscribeError('unauthenticated', isWrong ? 'this is no token of an operator' : undefined);
}
