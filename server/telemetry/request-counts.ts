import type { AnsweredRequest } from './counters.js';
import { Histogram } from './histogram.js';
import { REQUEST_BOUNDS } from './metric-table.js';

/** Whoever invents methods must not fill the memory with them. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Requests to one route by one method. */
export interface RouteCounts {
  readonly method: string;
  readonly route: string;
  /** By class of the status: `2xx`. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly duration: Histogram;
}

/** Answered requests by route. As many as there are routes: the address of a request is nowhere in it. */
export class RequestCounts {
  private readonly routes = new Map<string, RouteCounts & { readonly statuses: Map<string, number> }>();

  get all(): Iterable<RouteCounts> {
    return this.routes.values();
  }

  add({ method: asked, route, status, ms }: AnsweredRequest): void {
    const method = METHODS.has(asked) ? asked : 'other';
    const key = `${method} ${route}`;
    const found = this.routes.get(key) ?? {
      method,
      route,
      statuses: new Map<string, number>(),
      duration: new Histogram(REQUEST_BOUNDS),
    };
    this.routes.set(key, found);
    const kind = `${Math.floor(status / 100)}xx`;
    found.statuses.set(kind, (found.statuses.get(kind) ?? 0) + 1);
    found.duration.observe(ms);
  }
}
