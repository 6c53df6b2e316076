import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT, readProjectFile } from '../support/project-files.js';

interface Size {
  readonly name: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/** In bytes: the first is a promise, the others are a few per cent above what `npm run size` said last. */
const BUDGETS: Readonly<Record<string, number>> = {
  'provider, own code': 20_000,
  'provider and text area, own code': 37_000,
  'all, own code': 47_000,
  'provider, with its parts of y-protocols and lib0': 24_500,
  'provider, with socket.io-client': 33_500,
  'provider, with socket.io-client and yjs': 59_500,
  'all, with socket.io-client': 61_500,
  'all, with socket.io-client and yjs': 89_500,
  'coscribe.js, the script with everything': 92_500,
};

describe('what the client adds to a page', () => {
  let sizes: readonly Size[];
  beforeAll(() => {
    const { stdout, stderr } = spawnSync(process.execPath, ['scripts/measure-size.mjs', '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    sizes = JSON.parse(stdout) as Size[];
  });

  test('[PKG9] minified and compressed, each part of it is within its budget', () => {
    const tooLarge = sizes.filter(({ name, bytes }) => bytes > (BUDGETS[name] ?? 0));
    expect(tooLarge.map(({ name, bytes }) => `${name}: ${bytes} bytes`)).toEqual([]);
    expect(sizes.map(({ name }) => name)).toEqual(Object.keys(BUDGETS));
  });

  test('[PKG9] the budgets are not far above: what was saved stays saved', () => {
    const loose = sizes.filter(({ name, bytes }) => bytes < (BUDGETS[name] ?? 0) * 0.85);
    expect(loose.map(({ name, bytes }) => `${name}: ${bytes} bytes`)).toEqual([]);
  });

  test('[PKG9] the figures that the quick start gives are those, by two per cent', () => {
    const rows = readProjectFile('docs/guides/quick-start.md').matchAll(/^\| (.+) \| ([\d.]+) kB \|$/gm);
    const given = new Map([...rows].map(([, name, kilobytes]) => [name, Number(kilobytes) * 1_000]));
    const wrong = sizes.filter(({ name, bytes }) => {
      const said = given.get(name);
      return said === undefined || Math.abs(said - bytes) > Math.max(said * 0.02, 300);
    });
    expect(wrong.map(({ name, bytes }) => `${name}: ${bytes} bytes`)).toEqual([]);
    expect([...given.keys()]).toEqual(sizes.map(({ name }) => name));
  });

  test('[PKG11] who uses the provider alone gets nothing of text areas, carets, undo and offline copies', () => {
    const [provider] = sizes;
    const other =
      /\/(field|caret|mirror|textarea|undo|composition|remote-carets|offline\/|auto\/)|node_modules/;
    expect(provider?.files).toContain('client/provider.ts');
    expect(provider?.files.filter((path) => other.test(path))).toEqual([]);
  });
});
