import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { AccessControl } from '../../server/auth/access.js';
import { openAccess } from '../../server/auth/open-access.js';
import { makeLink } from '../../server/auth/share-links.js';
import { Management } from '../../server/documents/management.js';
import { Edge, type EdgeOptions } from '../../server/edge/edge.js';
import { createApp, listenerOf } from '../../server/http/api-app.js';
import { addEvents, type EventsDeps } from '../../server/http/events/add-events.js';
import { problemResponse } from '../../server/http/problem.js';
import { AuditLog } from '../../server/telemetry/audit-log.js';
import { UNCOUNTED } from '../../server/telemetry/counters.js';
import { documentNode, NOTES, Person } from './document-node.js';
import { EventReader, type ReaderOptions } from './event-reader.js';
import { FakeCopies } from './fake-copies.js';
import { UNLIMITED } from './unmetered.js';

export interface EventsServerOptions {
  readonly access?: AccessControl;
  readonly edge?: Partial<EdgeOptions>;
  readonly maxFollowersPerDocument?: number;
  /** People that may be in a document. */
  readonly maxSessions?: number;
  /** What stands between the HTTP server and the application. */
  readonly between?: (response: ServerResponse) => void;
}

const OPEN_EDGE: EdgeOptions = {
  allowedOrigins: [],
  trustedProxies: [],
  localOnly: false,
  maxConnectionsPerAddress: 1_000,
  maxConnectionsPerUser: 1_000,
};

/** Event streams of real documents over a real HTTP server; what is in the documents, and the time, are in the test's hands. */
export async function eventsServer(options: EventsServerOptions = {}) {
  const { maxSessions, between } = options;
  const node = documentNode({
    ...(options.access && { access: options.access }),
    ...(maxSessions !== undefined && { limits: { maxSessions } }),
  });
  const { documents, clock, log } = node;
  const copies = new FakeCopies();
  const refused: string[] = [];
  const counters = {
    ...UNCOUNTED,
    refuse: (what: string, code: string) => void refused.push(`${what} ${code}`),
  };
  const edge = new Edge({ ...OPEN_EDGE, ...options.edge });
  const { store } = node;
  const audit = new AuditLog(log);
  const access = options.access ?? openAccess;
  const deps: EventsDeps = {
    documents,
    management: new Management({ access, store, documents, makeLink, clock, audit }),
    copies,
    edge,
    clock,
    random: () => 0.5,
    limits: { ...UNLIMITED, maxFollowersPerDocument: options.maxFollowersPerDocument ?? 10_000 },
  };
  const app = createApp({
    log,
    counters,
    clock,
    random: () => 0.5,
    failure: (_path, error) => problemResponse(error),
  });
  app.use('/api/*', async (c, next) => {
    c.set('client', edge.visit(c.env.incoming).client);
    return next();
  });
  const streams = addEvents(app, deps);
  const listener = listenerOf(app);
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    between?.(response);
    listener(request, response);
  });
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const readers: EventReader[] = [];
  await documents.start();
  // There has to be something to follow.
  const writer = new Person();
  await writer.join(documents);

  return {
    ...node,
    url,
    server,
    copies,
    edge,
    streams,
    refused,
    /** Of every connection that there was. */
    sockets,
    writer,
    /** Puts so many rows into the log; what they hold is nobody's concern. */
    async addRows(count: number) {
      for (let row = 0; row < count; row++) await writer.type('x');
    },
    async follow(query = '', reader: ReaderOptions = {}, id: string = NOTES): Promise<EventReader> {
      const opened = await EventReader.open(`${url}/api/documents/${id}/events${query}`, reader);
      readers.push(opened);
      return opened;
    },
    async close() {
      for (const reader of readers) reader.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await documents.stop();
    },
  };
}

export type EventsServer = Awaited<ReturnType<typeof eventsServer>>;
