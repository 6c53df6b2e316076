import { parseArgs } from 'node:util';

/** What every launcher is given: `--port N --data DIR`. Port 0 takes any free one. */
export function readArguments() {
  const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
  if (values.port === undefined || values.data === undefined) {
    throw new Error('usage: node bench/peers/<name>.mjs --port N --data DIR');
  }
  return { port: Number(values.port), data: values.data };
}

/** Says that the server listens, in the form that bench/servers.ts waits for. */
export function announce(port) {
  process.stdout.write(`listening ${port}\n`);
}
