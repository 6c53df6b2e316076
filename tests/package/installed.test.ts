import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { COMMANDS } from '../../cli/commands.js';
import { ServerProcess } from '../../tools/server-process.js';
import { freePort } from '../../tools/services/ports.js';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { type InstalledPackage, installPackage, versionIn } from '../support/installed-package.js';
import { type PageServer, type ServedFile, servePages } from '../support/page-bundle.js';
import { ROOT, readProjectFile } from '../support/project-files.js';
import { seededRandom } from '../support/seeds.js';
import { sequentialTrace } from '../support/traces.js';

const { version: VERSION } = JSON.parse(readProjectFile('package.json')) as { version: string };
const APP = join(__dirname, 'app');
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage(APP, [
    versionIn('package.json', 'yjs'),
    versionIn('package.json', '@types/node'),
    versionIn('examples/package.json', 'vite'),
  ]);
});
afterAll(() => installed?.remove());

describe('what is packed', () => {
  test('[PKG1] the build, its sources and the documents: nothing of tests, tools, benchmarks and examples', () => {
    const folders = new Set(installed.files.map((path) => path.split('/').slice(0, -1).join('/')));
    const top = [...folders].map((path) => /^(?:dist\/)?[^/]*/.exec(path)?.[0] ?? '');
    expect([...new Set(top)].sort()).toEqual(
      [
        ...['', 'client', 'contracts', 'docs', 'server', 'shared'],
        ...[
          'browser',
          'cjs',
          'cli',
          'client',
          'contracts',
          'load',
          'public',
          'server',
          'shared',
          'tools',
        ].map((name) => `dist/${name}`),
      ].sort(),
    );
    expect([...folders].filter((path) => /(^|\/)(app|tests?|node_modules)(\/|$)/.test(path))).toEqual([]);
    expect(installed.files.filter((path) => /tsconfig|tsbuildinfo|\.db/.test(path))).toEqual([]);
  });

  test('[PKG1] every source map leads to a source that is there, or holds it', () => {
    const root = join(installed.folder, 'node_modules/coscribe');
    const files = new Set(installed.files);
    const maps = installed.files.filter((path) => path.endsWith('.map'));
    const broken = maps.filter((path) => {
      const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
        sources: string[];
        sourcesContent?: (string | null)[];
      };
      return !sources.every(
        (source, at) => sourcesContent[at] != null || files.has(posix.join(posix.dirname(path), source)),
      );
    });
    expect(broken).toEqual([]);
    expect(maps).toEqual(
      expect.arrayContaining(
        ['browser/coscribe.js', 'client/index.js', 'server/index.js'].map((one) => `dist/${one}.map`),
      ),
    );
  });

  test('[PKG1] every file that a packed one imports is packed, too', () => {
    const packed = new Set(installed.files);
    const built = installed.files.filter((path) => /^dist\/(cli|load|server|tools)\/.+\.js$/.test(path));
    const missing = built.flatMap((path) => {
      const text = readFileSync(join(installed.folder, 'node_modules/coscribe', path), 'utf8');
      // Compiled code is formatted alike: this finds imports, and workers and programs that are started by their names.
      const named = [
        ...text.matchAll(/(?:from |import\(|import |workerFile\([^,]+, |new URL\()['"](\.[^'"]+\.js)['"]/g),
      ];
      const found = named.map(([, specifier = '']) => posix.join(posix.dirname(path), specifier));
      return found.filter((file) => !packed.has(file)).map((file) => `${path} -> ${file}`);
    });
    expect(missing).toEqual([]);
    expect(built.length).toBeGreaterThan(200);
  });

  test('[PKG12] the file for script tags has the licence of every package in it beside it', () => {
    const folder = join(installed.folder, 'node_modules/coscribe/dist/browser');
    const { sources } = JSON.parse(readFileSync(join(folder, 'coscribe.js.map'), 'utf8')) as {
      sources: string[];
    };
    const packages = sources.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
    const names = new Set(packages.filter((name) => name !== undefined));
    expect([...names]).toEqual(expect.arrayContaining(['yjs', 'lib0', 'socket.io-client']));
    const parts = readFileSync(join(folder, 'LICENSES.txt'), 'utf8').split('\n---\n\n');
    const licensed = parts.filter((text) => /copyright/i.test(text)).map((text) => text.split('\n')[0]);
    expect(licensed).toEqual([`coscribe ${VERSION}`, ...[...names].sort()]);
    expect(readFileSync(join(folder, 'coscribe.js'), 'utf8').split('\n')[0]).toContain('LICENSES.txt');
  });

  test('[PKG2] publint finds nothing to complain of', async () => {
    const { code, stdout, stderr } = await installed.run(
      bin('publint'),
      'run',
      installed.tarball,
      '--strict',
    );
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('All good!')]);
  });

  test('[PKG2] attw finds the right types under each way of resolving them', async () => {
    const { code, stdout } = await installed.run(
      bin('attw'),
      installed.tarball,
      '--format',
      'ascii',
      '--no-emoji',
    );
    expect(stdout).toContain('No problems found');
    expect(code).toBe(0);
  });

  test('[PKG10] Yjs is there once: the one that the application has', () => {
    const folder = join(installed.folder, 'node_modules');
    const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(all.filter((path) => /(^|node_modules\/)yjs\/package\.json$/.test(path))).toEqual([
      'yjs/package.json',
    ]);
  });
});

describe('in Node', () => {
  async function usesAll(program: string): Promise<void> {
    const store = join(installed.folder, `${program}.db`);
    const { code, stdout, stderr } = await installed.run(process.execPath, program, store);
    // Also no word of Yjs about a second copy of it, and none of Node about what it is asked to load.
    expect([stderr, code]).toEqual(['', 0]);
    expect(JSON.parse(stdout)).toEqual(['Saved', 'Saved is true']);
  }

  test('[PKG3] an ES module serves a document, writes it, and reads it back after a restart', () =>
    usesAll('use.mjs'));

  test('[PKG4] a CommonJS module does, with the Yjs that it requires itself', () => usesAll('use.cjs'));

  test.each([
    ['import', 'names.mjs', (part: string) => `await import('coscribe/${part}')`],
    ['require', 'names.cjs', (part: string) => `require('coscribe/${part}')`],
  ])('[PKG3] [PKG4] %s finds the same names in every part', async (_, program, load) => {
    const parts = ['client', 'contracts', 'server', 'shared'];
    const lines = parts.map((part) => `console.log(Object.keys(${load(part)}).join());`);
    writeFileSync(join(installed.folder, program), lines.join('\n'));
    const { stdout } = await installed.run(process.execPath, program);
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').sort());
    expect(found).toEqual(parts.map(exportedNames));
  });

  test('[PKG10] the command starts, without anything else installed', async () => {
    const { code, stdout } = await installed.run(
      join(installed.folder, 'node_modules/.bin/coscribe'),
      '--version',
    );
    expect([code, stdout]).toEqual([0, `${VERSION}\n`]);
  });

  test('[PKG10] its commands work', async () => {
    const coscribe = (...args: string[]) =>
      installed.run(join(installed.folder, 'node_modules/.bin/coscribe'), ...args);
    const help = await coscribe('--help');
    expect([help.stderr, help.code]).toEqual(['', 0]);
    for (const { name } of COMMANDS) {
      expect(help.stdout).toContain(`  ${name} `);
      const { code, stderr } = await coscribe(name, '--help');
      expect([name, stderr, code]).toEqual([name, '', 0]);
    }
    const key = ['--jwt-key', 'the secret of a test, which is longer than 32 bytes'];
    const token = await coscribe('token', '--user', 'ann', '--access', 'viewer', ...key);
    expect(token).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^[\w.-]+\n$/) });
    const trace = join(installed.folder, 'trace.json');
    writeFileSync(trace, JSON.stringify(sequentialTrace(seededRandom(5), 20)));
    const replayed = await coscribe('replay', '--trace', trace);
    expect([replayed.stderr, replayed.code]).toEqual(['', 0]);
    const file = join(installed.folder, 'w.zip');
    const exported = await coscribe(
      'import',
      '--store',
      `sqlite:${join(installed.folder, 'w.db')}`,
      'acme',
      file,
    );
    expect(exported.stderr).toBe(`There is no file ${file}.\n`);
  });

  test('[PKG10] it loads a server that it starts itself, and is satisfied', async () => {
    const { code, stdout, stderr } = await installed.run(
      join(installed.folder, 'node_modules/.bin/coscribe'),
      ...['load', '--docs', '2', '--clients', '4', '--duration', '1', '--warm-up', '0.5', '--json=-'],
    );
    expect([stderr, code]).toEqual(['', 0]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'passed' });
  });
});

describe('in TypeScript', () => {
  /** The compiler that attw brings: some years older. */
  const older = createRequire(
    createRequire(`${ROOT}/package.json`).resolve('@arethetypeswrong/core/package.json'),
  );
  const compilers = {
    current: join(ROOT, 'node_modules/typescript/bin/tsc'),
    older: older.resolve('typescript/bin/tsc'),
  };
  let number = 0;

  test.each([
    ['node16', 'node16', ['strict.mts'], 'current', false],
    // Yjs has types for ES modules only, which node16 lets no CommonJS module use.
    ['node16', 'node16', ['strict.cts'], 'current', true],
    ['nodenext', 'nodenext', ['strict.mts', 'strict.cts', 'strict-yjs.cts', 'global.cts'], 'current', false],
    ['esnext', 'bundler', ['strict.mts', 'strict.cts', 'strict-yjs.cts', 'global.cts'], 'current', false],
    ['node16', 'node16', ['strict.mts', 'strict.cts'], 'older', true],
  ] as const)(
    '[PKG5] strict, module %s, moduleResolution %s: %j, with the %s compiler',
    async (module, moduleResolution, files, compiler, skipLibCheck) => {
      const project = `tsconfig.${++number}.json`;
      const compilerOptions = {
        ...{ module, moduleResolution, skipLibCheck },
        ...{ strict: true, noEmit: true, exactOptionalPropertyTypes: true },
        ...{ target: 'es2022', lib: ['es2023', 'dom'], types: ['node'] },
      };
      writeFileSync(join(installed.folder, project), JSON.stringify({ compilerOptions, files }));
      const { code, stdout } = await installed.run(process.execPath, compilers[compiler], '-p', project);
      expect([stdout, code]).toEqual(['', 0]);
    },
  );
});

describe('in a page', () => {
  let server: ServerProcess;
  let url: string;
  let pages: PageServer;
  let browser: TestBrowser;
  let bundle: string;
  beforeAll(async () => {
    const { code, stderr } = await installed.run(join(installed.folder, 'node_modules/.bin/vite'), 'build');
    expect([code, stderr]).toEqual([0, '']);
    const dist = join(installed.folder, 'dist');
    const assets = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js'));
    bundle = assets.map((name) => readFileSync(join(dist, 'assets', name), 'utf8')).join('\n');
    const files: Record<string, ServedFile> = {
      '/': { type: 'text/html', body: readFileSync(join(dist, 'index.html'), 'utf8') },
    };
    for (const name of assets) {
      files[`/assets/${name}`] = {
        type: 'text/javascript',
        body: readFileSync(join(dist, 'assets', name), 'utf8'),
      };
    }
    const port = await freePort();
    files['/script'] = { type: 'text/html', body: scriptPage(`http://127.0.0.1:${port}`) };
    pages = await servePages(files);
    server = new ServerProcess({
      main: join(installed.folder, 'node_modules/.bin/coscribe'),
      args: [
        '--port',
        `${port}`,
        '--store',
        'memory:',
        '--allowed-origins',
        pages.url,
        '--max-lag-ms',
        '60000',
      ],
    });
    [url, browser] = await Promise.all([server.ready(), launchChromium()]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), server?.kill(), pages?.close()]);
  });

  /** Opens a page of the application; @returns what the browser says to it, too */
  async function open(path: string): Promise<{ page: Page; words: string[] }> {
    const page = await (await browser.newPerson()).newPage();
    const words: string[] = [];
    page.on('pageerror', ({ message }) => words.push(message));
    page.on('console', (message) => words.push(message.text()));
    await page.goto(`${pages.url}${path}`);
    return { page, words };
  }

  const field = ({ page }: { page: Page }) => page.locator('textarea');
  const reads = ({ page }: { page: Page }, text: string) =>
    page.waitForFunction((expected) => document.querySelector('textarea')?.value === expected, text);

  test('[PKG6] what Vite bundles has Yjs once', () => {
    expect(bundle.split('Yjs was already imported')).toHaveLength(2);
  });

  test('[PKG6] [PKG7] a bundled page and one with the script alone, both of another origin, write together', async () => {
    const bundled = await open(`/?server=${encodeURIComponent(url)}`);
    const scripted = await open('/script');
    await field(bundled).pressSequentially('Hello');
    await reads(scripted, 'Hello');
    await field(scripted).press('End');
    await field(scripted).pressSequentially(', you');
    await reads(bundled, 'Hello, you');
    expect([bundled.words, scripted.words]).toEqual([[], []]);
  });
});

/** The values, not the types, that a part of the package exports. */
function exportedNames(part: string): string[] {
  const source = readProjectFile(`${part}/index.ts`).replace(/export type \{[^}]*\}/g, '');
  const names = [...source.matchAll(/export \{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','));
  return names.flatMap((name) => (/^\s*type /.test(name) ? [] : (/\w+(?=\s*$)/.exec(name) ?? []))).sort();
}

/** Everything that it needs comes from the server, by one tag. */
function scriptPage(server: string): string {
  return `<!doctype html>
<title>A page with a script tag</title>
<link rel="icon" href="data:,">
<textarea></textarea>
<script src="${server}/coscribe.js"></script>
<script>
  const doc = new Coscribe.Y.Doc();
  const provider = new Coscribe.CoscribeProvider({ document: 'acme/notes', url: '${server}', doc });
  Coscribe.bindTextarea(document.querySelector('textarea'), doc.getText(Coscribe.DEFAULT_TEXT));
</script>`;
}
