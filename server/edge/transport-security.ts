import type { Server, ServerResponse } from 'node:http';
import type { Client, TrustedProxies } from './client-address.js';

/** For a year, in seconds. */
const HSTS = `max-age=${365 * 24 * 3600}`;

/** Tells browsers that came by TLS, to this server or to a trusted proxy, to do so from now on (RFC 6797). */
export function setTransportSecurity(response: ServerResponse, { secure }: Client): void {
  if (secure) response.setHeader('Strict-Transport-Security', HSTS);
}

/** Does so for every request that whoever listens after this call answers. */
export function addTransportSecurity(server: Server, proxies: TrustedProxies): void {
  server.on('request', (request, response) => setTransportSecurity(response, proxies.clientOf(request)));
}
