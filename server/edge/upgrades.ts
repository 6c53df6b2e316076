import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CoscribeError } from '../../shared/errors.js';
import { refuseUpgrade } from './problem.js';

/**
 * Refuses requests to become something else than HTTP at addresses where nobody listens for them. Node gives such a
 * connection up to whoever listens for upgrades at all, without any time-out.
 *
 * @param paths where somebody does: at the path itself and below it, or, if it ends with a slash, only below it
 */
export function refuseOtherUpgrades(server: Server, paths: readonly string[]): void {
  server.on('upgrade', ({ url = '' }: IncomingMessage, socket: Duplex) => {
    if (!paths.some((path) => isAt(url, path))) refuseUpgrade(socket, new CoscribeError('not-found'));
  });
}

function isAt(url: string, path: string): boolean {
  return url.startsWith(path) && (path.endsWith('/') || ['', '/', '?'].includes(url.charAt(path.length)));
}
