/**
 * Builds the examples into dist/examples/pages, one page a folder.
 *
 * A new example is a folder with an `index.html` (its `<title>` and `<meta name="description">` are what the gallery says
 * of it) and a `main.ts` with what somebody would copy into a page of their own; `page/` has what each of them needs and
 * nobody would copy. What an example does on the server is in its `server.ts` (see serve.ts), and a page that only follows
 * is its `follow.html`. It imports Coscribe by its
 * name: `coscribe/client` and `coscribe/shared` are the project's build. Its packages are in package.json here, each with
 * its exact version.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const built = join(root, '../dist');

/** Two copies of one of these do not know each other's objects. */
const ONCE = ['yjs', 'y-protocols', 'lib0'];

const examples = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'index.html')) && existsSync(join(root, name, 'main.ts')))
  .sort();

const pages = examples.flatMap((name) =>
  ['index.html', 'follow.html'].map((file) => join(root, name, file)).filter((path) => existsSync(path)),
);

/** The gallery's list, from the examples' own titles. */
function gallery(): Plugin {
  const entries = examples.map((name) => {
    const html = readFileSync(join(root, name, 'index.html'), 'utf8');
    const title = /<title>(.+?)<\/title>/.exec(html)?.[1];
    const text = /<meta name="description" content="(.+?)">/.exec(html)?.[1];
    if (title === undefined || text === undefined)
      throw new Error(`${name}/index.html needs a <title> and a <meta name="description" content="…">`);
    return `<li><a href="./${name}/">${title}</a><p>${text}</p></li>`;
  });
  return {
    name: 'gallery',
    transformIndexHtml: (html) => html.replace('<!-- examples -->', entries.join('\n')),
  };
}

/** Fails a build that has one of the packages twice. */
function noTwins(): Plugin {
  return {
    name: 'no-twins',
    generateBundle(_, bundle) {
      const copies = new Map(ONCE.map((name) => [name, new Set<string>()]));
      for (const output of Object.values(bundle)) {
        const modules = output.type === 'chunk' ? output.moduleIds : [];
        for (const id of modules) {
          const [, folder, name] = /^(.*\/node_modules\/(yjs|y-protocols|lib0))\//.exec(id) ?? [];
          if (folder !== undefined && name !== undefined) copies.get(name)?.add(folder);
        }
      }
      for (const [name, folders] of copies)
        if (folders.size > 1)
          this.error(`${name} is in the bundle more than once: ${[...folders].join(', ')}`);
    },
  };
}

export default defineConfig({
  root,
  // The pages work wherever they are served.
  base: './',
  publicDir: false,
  resolve: {
    alias: [{ find: /^coscribe\/(client|shared)$/, replacement: `${built}/$1/index.js` }],
    dedupe: ONCE,
  },
  build: {
    outDir: join(built, 'examples/pages'),
    emptyOutDir: true,
    target: 'es2022',
    // Monaco.
    chunkSizeWarningLimit: 5_000,
    rolldownOptions: {
      input: [join(root, 'index.html'), ...pages],
    },
  },
  // `npx vite` beside a server (`npm start`): the pages change as their sources do.
  server: {
    proxy: { '/socket.io': { target: 'http://127.0.0.1:8080', ws: true }, '/api': 'http://127.0.0.1:8080' },
  },
  plugins: [gallery(), noTwins()],
});
