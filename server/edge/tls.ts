import { readFileSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { TlsError } from './tls-error.js';

/** PEM files with a certificate and its chain, and with its private key. */
export interface TlsFiles {
  readonly tlsCert: string;
  readonly tlsKey: string;
}

/** Older versions have known weaknesses (RFC 8996). */
export const LEAST_TLS_VERSION = 'TLSv1.2';

/** @throws TlsError when a file cannot be read, or they are not a certificate and its key */
export function readTlsFiles({ tlsCert, tlsKey }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  const pair = { cert: readPem('certificate', tlsCert), key: readPem('key', tlsKey) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    // What OpenSSL says of a key holds nothing of the key.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TlsError(
      `"${tlsCert}" and "${tlsKey}" are no certificate and its private key in PEM form (${reason}).`,
      { cause },
    );
  }
  return pair;
}

/**
 * Reads the files again: connections from now on get the new certificate, those that are there go on.
 *
 * @throws TlsError as `readTlsFiles`; the server keeps what it has
 */
export function reloadTls(server: HttpServer, files: TlsFiles): void {
  if (server instanceof HttpsServer)
    server.setSecureContext({ ...readTlsFiles(files), minVersion: LEAST_TLS_VERSION });
}

function readPem(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TlsError(`The TLS ${what} "${file}" cannot be read (${code}).`, { cause });
  }
}
