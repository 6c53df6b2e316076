import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseDocumentId } from '../shared/ids.js';
import { checkParts } from './check-parts.js';
import { findInstallation } from './config/installation.js';
import { createHttpServer } from './edge/http-server.js';
import { reloadTls } from './edge/tls.js';
import { refuseOtherUpgrades } from './edge/upgrades.js';
import { closeConnections } from './gateway/close-connections.js';
import { serveSocketIo } from './gateway/socket-io-gateway.js';
import { WebSocketDoor } from './gateway/websocket/door.js';
import { webSocketProtocols } from './gateway/websocket/gateways.js';
import { createHttpApp } from './http/app.js';
import { CLOSE_TIMEOUT_MS, type Node, type NodeOptions, startNode } from './node.js';
import { NetworkBytes } from './telemetry/network-bytes.js';
import { within } from './within.js';

/** A server that listens. */
export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly store: string;
  /**
   * Lets the clients go over to other nodes if there are any, refuses joins, commits and answers what it has, tells the
   * clients that are left to reconnect in a moment, closes everything.
   * Fulfils with `true`; with `false` if `stopTimeoutMs` passed first, so that something may be unfinished.
   */
  stop(): Promise<boolean>;
  /**
   * To be called when who may do what in a document has changed: the authenticator is asked again about everybody who has
   * it open, on this node at once, on others within 2.2 s, on all even if this process ends meanwhile.
   *
   * @throws CoscribeError `invalid-document-id`, `store-unavailable`
   */
  accessChanged(document: string): Promise<void>;
  /**
   * Voids tokens: all that a user was given up to now, or the one of this name. Sessions that have them end, on this node
   * at once, on others within 2.2 s.
   *
   * @throws CoscribeError `store-unavailable`
   */
  revokeTokens(of: { readonly user: string } | { readonly tokenId: string }): Promise<void>;
  /**
   * Reads certificate and key again, for connections from now on. If they don't serve, that is logged, and the old ones stay.
   * Without TLS it does nothing.
   */
  reloadCertificate(): void;
  /** Tries at once what webhooks did not take, on this node; by itself it does so after pauses of up to an hour. */
  retryWebhooks(): void;
}

/** What a server is made of: its settings, where it logs, and what of it is the application's own. */
export type ServerOptions = NodeOptions;

/** A node with an HTTP server of its own, which has the pages, the HTTP API and the gateways. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  checkParts(options);
  const node = await startNode(options);
  try {
    return await serve(node, options);
  } catch (error) {
    await node.stop(() => Promise.resolve());
    throw error;
  }
}

async function serve(node: Node, { config }: ServerOptions): Promise<RunningServer> {
  const { admin, management, making, links, metrics, services } = node;
  const { edge, log } = services;
  const http = createHttpServer(config, edge.proxies);
  metrics.watchNetwork(new NetworkBytes(http));
  http.on(
    'request',
    createHttpApp({
      ...services,
      admin,
      management,
      making,
      links,
      receipts: node.store,
      metrics,
      metricsForAll: config.operatorToken === '',
      readiness: node.readiness,
      bus: node.bus,
      ...findInstallation(),
      offline: config.offlinePages === 'yes',
      limits: config,
    }),
  );
  const io = serveSocketIo({ ...services, http });
  const door = new WebSocketDoor(webSocketProtocols(services), services);
  door.listen(http);
  // engine.io takes what is below its path, and not the path itself.
  refuseOtherUpgrades(http, [`${io.path()}/`, ...door.paths]);
  await listen(http, config.port, config.host);
  if (management.mode === 'open') {
    const where = config.openToAll === 'yes' ? config.host : 'this machine';
    log.warn({ auth: 'open' }, `Everybody who reaches ${where} may read, change and delete every document`);
  }
  const { address, family, port } = http.address() as AddressInfo;
  return {
    url: `${config.tlsCert === '' ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    store: node.store.description,
    accessChanged: async (document) => management.accessChanged(parseDocumentId(document)),
    revokeTokens: (of) => management.voidTokens(of),
    reloadCertificate() {
      if (config.tlsCert === '') return;
      try {
        reloadTls(http, config);
        log.info({ certificate: config.tlsCert }, 'The TLS certificate was read again');
      } catch (error) {
        log.error({ err: error }, 'The TLS certificate could not be read again; the old one stays');
      }
    },
    retryWebhooks: () => node.retryWebhooks(),
    stop: () =>
      node.stop(async () => {
        await Promise.all(
          [closeConnections(io), door.close()].map((closed) => within(CLOSE_TIMEOUT_MS, closed)),
        );
        await within(CLOSE_TIMEOUT_MS, io.close());
        http.closeAllConnections();
      }),
  };
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}
