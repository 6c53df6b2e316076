// Runs the tests that Hocuspocus has for its provider, with the published provider, against this server:
//
//     git clone https://github.com/ueberdosis/hocuspocus /tmp/hocuspocus
//     npm run build && node tests/peers/hocuspocus-tests.mjs /tmp/hocuspocus
//
// They ask ava for assertions and their own package for a server; here they get others. What a test says in the words of
// their server (hooks) is said in ours. docs/PROTOCOL.md has what comes of it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { createCoscribe } from '../../dist/server/index.js';
import { CoscribeError } from '../../dist/shared/index.js';

const TIMEOUT_MS = 5_000;
const RETRY_MS = 4_000;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: node tests/peers/hocuspocus-tests.mjs FOLDER_OF_HOCUSPOCUS\n');
  process.exit(2);
}

/** Node 20 has none, and their tests are for 22. What goes wrong on the way is an event, as there. */
globalThis.WebSocket ??= class extends WebSocket {
  constructor(url) {
    super(url);
    this.on('error', () => {});
  }
};

const required = createRequire(import.meta.url);
const provided = required('@hocuspocus/provider');
// The copy of it that the provider has.
const Y = required('yjs');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Their server's options, in ours. */
function optionsOf({ onAuthenticate, onConnect, onLoadDocument, onStateless }) {
  const hooks = {
    ...(onLoadDocument && {
      async onLoad({ document: name, isEmpty }) {
        if (!isEmpty) return undefined;
        const document = new Y.Doc();
        const loaded = await onLoadDocument({ document, documentName: name });
        return loaded instanceof Uint8Array ? loaded : Y.encodeStateAsUpdate(document);
      },
    }),
    ...(onConnect && { onJoin: ({ document }) => onConnect({ documentName: document }) }),
    ...(onStateless && {
      onStateless: ({ document, payload }) => onStateless({ payload, documentName: document }),
    }),
  };
  const authenticator = onAuthenticate && {
    authenticate: ({ token }) => ({ name: token ?? '' }),
    async authorize({ name: token = '' }, document) {
      // Theirs makes a document for whoever comes; here a reader makes none.
      if (token === MAKER) return 'owner';
      const connectionConfig = { readOnly: false };
      const documentName = document.replace(/^default\//, '');
      try {
        await onAuthenticate({ token, documentName, connectionConfig });
      } catch (error) {
        throw new CoscribeError('no-access', undefined, { cause: error });
      }
      return connectionConfig.readOnly ? 'viewer' : 'editor';
    },
  };
  return { store: 'memory:', hooks, ...(authenticator && { authenticator }) };
}

const MAKER = 'maker-of-documents';

async function newHocuspocus(t, options = {}) {
  const coscribe = await createCoscribe(optionsOf(options));
  const http = createServer(coscribe.middleware);
  coscribe.attach(http);
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    await coscribe.stop();
    http.closeAllConnections();
    http.close();
  });
  const address = `127.0.0.1:${http.address().port}`;
  if (options.onAuthenticate)
    await fetch(`http://${address}/api/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MAKER}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'hocuspocus-test' }),
    });
  return { server: { webSocketURL: `ws://${address}/hocuspocus` } };
}

function newHocuspocusProviderWebsocket(t, hocuspocus, options = {}) {
  const connection = new provided.HocuspocusProviderWebsocket({
    url: hocuspocus.server.webSocketURL,
    ...options,
  });
  t.teardown(() => connection.destroy());
  return connection;
}

function newHocuspocusProvider(
  t,
  server,
  options = {},
  websocketOptions = {},
  websocketProvider = undefined,
) {
  const provider = new provided.HocuspocusProvider({
    websocketProvider: websocketProvider ?? newHocuspocusProviderWebsocket(t, server, websocketOptions),
    name: 'hocuspocus-test',
    ...options,
  });
  provider.attach();
  t.teardown(() => provider.destroy());
  return provider;
}

async function retryableAssertion(t, check) {
  const last = Date.now() + RETRY_MS;
  for (;;) {
    const attempt = assertionsOf();
    await check(attempt);
    if (attempt.errors.length === 0) return;
    if (Date.now() > last) {
      t.errors.push(...attempt.errors);
      return;
    }
    await sleep(20);
  }
}

/** As ava has them, as far as these tests ask for them. What fails in a callback counts. */
function assertionsOf() {
  const errors = [];
  const undo = [];
  const say =
    (check) =>
    (...values) => {
      try {
        check(...values);
      } catch (error) {
        errors.push(error);
      }
    };
  return {
    errors,
    undo,
    is: say((actual, expected) => assert.ok(Object.is(actual, expected), `${actual} is not ${expected}`)),
    deepEqual: say((actual, expected) => assert.deepEqual(actual, expected)),
    true: say((actual) => assert.equal(actual, true)),
    false: say((actual) => assert.equal(actual, false)),
    pass: say(() => {}),
    fail: say((message) => assert.fail(message)),
    teardown: (step) => undo.push(step),
  };
}

const tests = [];
globalThis.foreign = {
  test: (name, run) => tests.push({ name, run }),
  provided,
  Y,
  utils: { newHocuspocus, newHocuspocusProvider, newHocuspocusProviderWebsocket, sleep, retryableAssertion },
};

/** What the tests import, as what they get. */
const IMPORTS = [
  [/import test from ['"]ava['"];?/g, 'const { test } = globalThis.foreign;'],
  [/import type .*?;?\n/g, '\n'],
  [/import (\{[^}]*\}) from ['"]@hocuspocus\/provider['"];?/g, 'const $1 = globalThis.foreign.provided;'],
  [/import (\{[^}]*\}) from ['"]\.\.\/utils\/[^'"]*['"];?/g, 'const $1 = globalThis.foreign.utils;'],
  [/import \* as Y from ['"]yjs['"];?/g, 'const { Y } = globalThis.foreign;'],
];

const { transform } = await import('@swc/core');
const scratch = mkdtempSync(join(tmpdir(), 'hocuspocus-tests-'));
let failed = 0;
try {
  const source = join(folder, 'tests/provider');
  for (const file of readdirSync(source).sort()) {
    const text = IMPORTS.reduce(
      (code, [from, to]) => code.replace(from, to),
      readFileSync(join(source, file), 'utf8'),
    );
    const { code } = await transform(text, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
    const module = join(scratch, file.replace(/\.ts$/, '.mjs'));
    writeFileSync(module, code);
    await import(pathToFileURL(module).href);
    for (const { name, run } of tests.splice(0)) {
      const t = assertionsOf();
      const late = sleep(TIMEOUT_MS).then(() => t.errors.push(new Error('it does not end')));
      await Promise.race([Promise.resolve(run(t)).catch((error) => t.errors.push(error)), late]);
      const [error] = t.errors;
      if (error !== undefined) failed++;
      process.stdout.write(
        `${error === undefined ? 'passes' : 'FAILS '} ${file}: ${name}${error === undefined ? '' : ` (${error.message.split('\n')[0]})`}\n`,
      );
      for (const step of t.undo.reverse()) await step();
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`${failed} failed\n`);
process.exit(failed > 0 ? 1 : 0);
