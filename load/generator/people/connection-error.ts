import type { Refusal } from '../../wire/protocol.js';

/** By what an error is counted: its code, or `connection: …` and what a connection's end begins with. */
export function nameOfError(reason: string, why: Refusal | undefined): string {
  return why?.code ?? `connection: ${connectionError(reason)}`;
}

/** The server stops, or starts anew (https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1, and IANA's list of close codes). */
const STOPPING =
  /the server closed with (1001|1012|4205 shutting-down)\b|HTTP\/1\.1 503[^(]*\(shutting-down\)/;

/** Whether a connection ended, or was not taken, because the server is about to stop: that is in order, and no error. */
export function isGoodbye(reason: string, why: Refusal | undefined): boolean {
  return why?.code === 'shutting-down' || (why === undefined && STOPPING.test(reason));
}

const MAX_LENGTH = 40;

function connectionError(reason: string): string {
  const [, system] = /\b(E[A-Z]{3,})\b/.exec(reason) ?? [];
  if (system !== undefined) return system;
  const [, status, code] = /HTTP\/1\.1 (\d{3})[^(]*(?:\(([a-z-]+)\))?/.exec(reason) ?? [];
  if (status !== undefined) return `HTTP ${status}${code === undefined ? '' : ` ${code}`}`;
  const [, close] = /the server closed with (\d+)/.exec(reason) ?? [];
  if (close !== undefined) return `closed with ${close}`;
  if (/^the server (closed the connection|disconnected)/.test(reason)) return 'closed by the server';
  return reason.slice(0, MAX_LENGTH);
}
