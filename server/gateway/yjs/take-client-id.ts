import { randomInt } from 'node:crypto';
import { CoscribeError } from '../../../shared/errors.js';
import { sectionsOf } from '../../../shared/update-order.js';
import type { Session } from '../../documents/session.js';

/**
 * The clientID of whoever wrote an update becomes the session's, if that can be told, and nobody else is here with it.
 *
 * @throws CoscribeError as `Session.takeClientId`
 */
export async function takeWriter(session: Session, update: Uint8Array): Promise<void> {
  const [writer, ...others] = sectionsOf(update);
  const mayBeIts = writer !== undefined && others.length === 0 && !session.isOfAnother(writer.client);
  if (mayBeIts && (await takeClientId(session, writer.client))) return;
  // What it brings is others' as well, or is somebody else's: it is known under a number of its own.
  await session.takeClientId(randomInt(1, 2 ** 32), `gateway ${randomInt(2 ** 47)}`);
}

/**
 * Takes the clientID that a client shows.
 *
 * @returns `false` if it belongs to somebody else
 * @throws CoscribeError as `Session.takeClientId`
 */
export async function takeClientId(session: Session, clientId: number): Promise<boolean> {
  try {
    // There is no secret in these protocols: who is anonymous may go on where any anonymous client of theirs was.
    await session.takeClientId(clientId, `without a secret ${clientId}`);
    return true;
  } catch (error) {
    if (error instanceof CoscribeError && error.code === 'client-id-in-use') return false;
    throw error;
  }
}
