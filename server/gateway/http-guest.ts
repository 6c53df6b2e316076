import { EventEmitter } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { type Junction, junctionOf } from './http-junction.js';

/**
 * Stands between Socket.IO and an HTTP server that is somebody else's: hands on the requests and upgrades under a path, and
 * nothing else. Socket.IO can be closed without closing the server.
 */
export class HttpGuest extends EventEmitter {
  readonly #path: string;
  readonly #junction: Junction;

  /**
   * @param path begins with a slash and does not end with one
   * @throws TypeError if the path is taken by another one
   */
  constructor(http: HttpServer, path: string) {
    super();
    this.#path = path;
    this.#junction = junctionOf(http);
    if (!this.#junction.lead(path, this))
      throw new TypeError(
        `There is a Coscribe at ${path} of this server already; give this one another path.`,
      );
  }

  /** Socket.IO tells an HTTP server from options by this. */
  listen(): never {
    throw new TypeError('The server that this belongs to listens for itself.');
  }

  /** Lets go of the server, which goes on. */
  close(done?: () => void): void {
    this.#junction.release(this.#path, this);
    done?.();
  }
}
