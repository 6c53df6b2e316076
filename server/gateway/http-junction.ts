import type { EventEmitter } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerPlainly } from './plain-request.js';

const junctions = new WeakMap<HttpServer, Junction>();

/** There is one of each server, however many paths lead away from it. */
export function junctionOf(http: HttpServer): Junction {
  const junction = junctions.get(http) ?? new Junction(http);
  junctions.set(http, junction);
  return junction;
}

/**
 * Leads the requests and upgrades under certain paths of an HTTP server elsewhere. Whoever listens to that server, before
 * or after, sees all the others and none of these; `ws`, for one, refuses every upgrade that is not its own.
 */
export class Junction {
  readonly #http: HttpServer;
  readonly #ways = new Map<string, EventEmitter>();
  /** What the server did by itself; `undefined` while we are not in between. */
  #emit: HttpServer['emit'] | undefined;
  #ours: HttpServer['emit'] | undefined;
  #hadOwn = false;

  constructor(http: HttpServer) {
    this.#http = http;
  }

  /** @returns `false` if the path is taken */
  lead(path: string, to: EventEmitter): boolean {
    if (this.#ways.has(path)) return false;
    if (this.#ways.size === 0) this.#step();
    this.#ways.set(path, to);
    return true;
  }

  release(path: string, to: EventEmitter): void {
    if (this.#ways.get(path) !== to) return;
    this.#ways.delete(path);
    if (this.#ways.size === 0) this.#stepBack();
  }

  #step(): void {
    const http = this.#http;
    // Node asks for an upgrade only where somebody listens.
    http.on('upgrade', this.#onUpgrade);
    if (this.#emit !== undefined) return;
    const junction = this;
    const { emit } = http;
    this.#hadOwn = Object.hasOwn(http, 'emit');
    this.#emit = emit;
    this.#ours = function ours(this: HttpServer, ...event: Parameters<EventEmitter['emit']>): boolean {
      return junction.#leadAway(event) || Reflect.apply(emit, this, event);
    };
    http.emit = this.#ours;
  }

  #stepBack(): void {
    const http = this.#http;
    http.off('upgrade', this.#onUpgrade);
    // Somebody else has put himself before us meanwhile: what he calls stays, and leads nothing away.
    if (this.#emit === undefined || http.emit !== this.#ours) return;
    if (this.#hadOwn) http.emit = this.#emit;
    else Reflect.deleteProperty(http, 'emit');
    this.#emit = undefined;
  }

  /** @returns whether it went elsewhere */
  #leadAway([name, ...args]: Parameters<EventEmitter['emit']>): boolean {
    if (name !== 'request' && name !== 'upgrade' && name !== 'checkContinue') return false;
    const way = this.#wayOf(args[0] as IncomingMessage);
    if (way === undefined) return false;
    if (name !== 'checkContinue') return way.emit(name, ...args);
    (args[1] as ServerResponse).writeContinue();
    return way.emit('request', ...args);
  }

  #wayOf({ url = '' }: IncomingMessage): EventEmitter | undefined {
    let longest = '';
    for (const path of this.#ways.keys()) {
      const next = url.startsWith(path) ? url.charAt(path.length) : undefined;
      if ((next === '' || next === '/' || next === '?') && path.length > longest.length) longest = path;
    }
    return this.#ways.get(longest);
  }

  /** What is asked of an application that knows no upgrades is a request to it, and must stay one. */
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#http.listenerCount('upgrade') === 1) answerPlainly(this.#http, request, socket, head);
  };
}
