import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CoscribeError } from '../../shared/errors.js';
import { refuseUpgrade } from './problem.js';

/**
 * Refuses requests to become something else than HTTP at addresses where nobody listens for them. Node gives such a
 * connection up to whoever listens for upgrades at all, without any time-out.
 *
 * @param prefixes beginnings of the paths where somebody does
 */
export function refuseOtherUpgrades(server: Server, prefixes: readonly string[]): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (!prefixes.some((prefix) => request.url?.startsWith(prefix)))
      refuseUpgrade(socket, new CoscribeError('not-found'));
  });
}
