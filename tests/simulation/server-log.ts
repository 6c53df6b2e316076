import type { Log } from '../../server/telemetry/log.js';
import type { World } from './world.js';

/** The log of a node: goes into the trace, and an error that no fault explains ends the simulation. */
export function serverLog(world: World, node: string): Log {
  const note = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    const { err } = fields;
    world.trace.note(`${node} ${level}: ${message}${err === undefined ? '' : ` (${String(err)})`}`);
  };
  return {
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: (fields, message) => {
      note('error')(fields, message);
      world.serverError(fields.err, message);
    },
  };
}
