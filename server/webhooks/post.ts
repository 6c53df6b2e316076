import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../shared/time.js';

/** More of an answer is not read: then the connection is closed. In bytes. */
const MAX_ANSWER = 16_384;

export interface PostAnswer {
  readonly status: number;
  /** The header, as it came. */
  readonly retryAfter: string | undefined;
}

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long it may take until there is an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Sends requests to one address, over connections that stay open between them. Redirects are answers like others. */
export class Poster {
  private closed = false;
  private readonly agent;
  private readonly request;

  /** @param url its user name and password, if it has them, go as basic authentication */
  constructor(
    private readonly url: URL,
    connections: number,
    private readonly clock: Clock,
  ) {
    const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: 2 };
    const secure = url.protocol === 'https:';
    this.agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
    this.request = secure ? httpsRequest : httpRequest;
  }

  /** @throws Error if there is no answer, or none in time */
  async post(request: PostRequest): Promise<PostAnswer> {
    try {
      return await this.once(request);
    } catch (error) {
      // The other side closed a connection that nobody was using just when it was to be used.
      if (!(error instanceof ClosedMeanwhile) || this.closed) throw error;
      return await this.once(request);
    }
  }

  private once({ headers, body, timeoutMs }: PostRequest): Promise<PostAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.request(this.url, {
        method: 'POST',
        agent: this.agent,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      const timer = this.clock.schedule(timeoutMs, () =>
        request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      );
      request.once('close', () => {
        this.clock.cancel(timer);
        reject(new Error('the connection was closed without an answer'));
      });
      request.once('response', (response) => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        readAway(response);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const closed = request.reusedSocket && error.code === 'ECONNRESET';
        reject(closed ? new ClosedMeanwhile() : error);
      });
      request.end(body);
    });
  }

  /** Ends what is under way and closes the connections. */
  close(): void {
    this.closed = true;
    this.agent.destroy();
  }
}

class ClosedMeanwhile extends Error {}

/** What an answer says is of no interest; it is read so that the connection can be used again. */
function readAway(response: IncomingMessage): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER) response.destroy();
  });
  // It was cut off: the status came before.
  response.on('error', () => {});
}
