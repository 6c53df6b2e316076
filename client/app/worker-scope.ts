/** What a service worker uses of its surroundings: TypeScript knows those of pages and of workers, but not both at once. */
export interface WorkerScope {
  readonly location: { readonly href: string; readonly origin: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void;
}

export interface LifeEvent {
  waitUntil(done: Promise<unknown>): unknown;
}

export interface RequestEvent extends LifeEvent {
  readonly request: Request;
  /** Answers the request; without it the browser asks the network. */
  respondWith(answer: Promise<Response>): unknown;
}
