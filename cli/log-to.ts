import type { Log } from '../server/telemetry/log.js';

/** For a part of the server that works within a command: what goes wrong is told, the rest is nobody's business. */
export function logTo(output: { write(text: string): unknown }): Log {
  const say: Log['error'] = ({ err }, message) => {
    output.write(`${message}${err instanceof Error ? `: ${err.message}` : ''}\n`);
  };
  return { debug() {}, info() {}, warn: say, error: say };
}
