/**
 * A node with one thing wrong: it says that edits are durable before they are, by a quarter of a second. Everything else is
 * what the server does. It is there to be caught: with `kill -9` at the wrong moment, acknowledged edits are gone.
 *
 *   PORT=… COSCRIBE_STORE=sqlite:FILE node tests/support/early-acks-node.mjs
 */
import { createLog, loadConfig, openStore, startServer } from '../../dist/server/index.js';

const LATE_MS = 250;

/** Answers appends at once, and does them later. Whatever is asked meanwhile waits for that. */
function acknowledgingEarly(store) {
  const heads = new Map();
  let last = Promise.resolve();
  const early = {
    async open(id, now) {
      await last;
      const head = await store.open(id, now);
      heads.set(id, head.head);
      return head;
    },
    async append(batches) {
      const copies = batches.map((batch) => ({
        ...batch,
        rows: batch.rows.map((row) => ({ ...row, update: new Uint8Array(row.update) })),
      }));
      const before = last;
      const delay = new Promise((resolve) => setTimeout(resolve, LATE_MS));
      last = Promise.all([before, delay]).then(() => store.append(copies));
      return batches.map(({ id, rows }) => {
        const firstSeq = (heads.get(id) ?? 0) + 1;
        heads.set(id, firstSeq + rows.length - 1);
        return { ok: true, firstSeq };
      });
    },
  };
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(early, name)) return early[name];
      const value = target[name];
      if (typeof value !== 'function') return value;
      return async (...args) => {
        await last;
        return value.apply(target, args);
      };
    },
  });
}

const config = loadConfig(process.argv.slice(2), process.env);
const log = createLog({ level: 'warn' });
const store = acknowledgingEarly(await openStore(config.store));
const server = await startServer({ config, log, store });
process.stdout.write(`ready at ${server.url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, async () => {
    await server.stop();
    await store.close();
    process.exit(0);
  });
