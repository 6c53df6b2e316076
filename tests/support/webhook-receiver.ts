import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DocumentChanged, WebhookEvent } from '../../server/webhooks/event.js';
import { until } from './until.js';

export const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: WebhookEvent;
}

/** Answers a request, or does not. */
export type Answer = (response: ServerResponse, received: ReceivedWebhook, request: IncomingMessage) => void;

export const answer =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end();

function sentenceOf(event: WebhookEvent): string {
  const { type, document } = event;
  if (type === 'document.changed') return `${document} ${event.from}-${event.to}`;
  const what = `${type.replace('document.', '')} ${document}`;
  return type === 'document.moved' ? `${what} from ${event.previous}` : what;
}

/** A receiver of webhooks on this machine, which answers as a test wants. */
export class WebhookReceiver {
  /** What came, in its order. */
  readonly received: ReceivedWebhook[] = [];
  answer: Answer = answer(204);
  /** How many requests were under way at once, at most; of one document, too. */
  mostAtOnce = 0;
  mostOfOne = 0;
  connections = 0;
  private readonly open = new Map<string, number>();

  private constructor(private readonly server: Server) {
    server.on('connection', () => {
      this.connections++;
    });
  }

  /** @param port a free one, unless it is given */
  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer((request, response) => receiver.take(request, response));
    const receiver = new WebhookReceiver(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook?token=hunter2`;
  }

  /** What was told of changes. */
  get events(): readonly DocumentChanged[] {
    return this.received.flatMap(({ event }) => (event.type === 'document.changed' ? [event] : []));
  }

  /** What was told, each as `name from-to`, or `deleted name`. */
  get told(): readonly string[] {
    return this.received.map(({ event }) => sentenceOf(event));
  }

  /** Fulfils when so many requests have come. */
  async has(count: number): Promise<void> {
    await until(
      () => this.received.length >= count,
      `${count} requests, of which ${this.received.length} came`,
    );
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const event = JSON.parse(body) as WebhookEvent;
      const { document } = event;
      const count = (this.open.get(document) ?? 0) + 1;
      this.open.set(document, count);
      this.mostOfOne = Math.max(this.mostOfOne, count);
      this.mostAtOnce = Math.max(
        this.mostAtOnce,
        [...this.open.values()].reduce((a, b) => a + b),
      );
      response.once('close', () => this.open.set(document, (this.open.get(document) ?? 0) - 1));
      const received = { headers: request.headers, body, event };
      this.received.push(received);
      this.answer(response, received, request);
    });
  }
}
