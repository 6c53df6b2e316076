import { parseArgs } from 'node:util';

/**
 * What every launcher is given: `--port N --data DIR`, and one of several nodes also the addresses of what it shares with
 * the others, `--redis URL --postgres URL`. Port 0 takes any free one.
 */
export function readArguments() {
  const type = 'string';
  const options = { port: { type }, data: { type }, redis: { type }, postgres: { type } };
  const { values } = parseArgs({ options });
  if (values.port === undefined || values.data === undefined) {
    throw new Error('usage: node bench/peers/<name>.mjs --port N --data DIR');
  }
  return { ...values, port: Number(values.port) };
}

/** Says that the server listens, in the form that bench/servers.ts waits for. */
export function announce(port) {
  process.stdout.write(`listening ${port}\n`);
}
