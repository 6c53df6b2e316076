import { describe, expect, test } from '@jest/globals';
import { readProjectFile } from '../support/project-files.js';

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

function readLock(path: string): LockedPackages {
  const { packages } = JSON.parse(readProjectFile(path)) as { packages: Record<string, LockedPackage> };
  delete packages[''];
  return packages;
}

const LOCKS: readonly (readonly [name: string, packages: LockedPackages])[] = [
  ['package-lock.json', readLock('package-lock.json')],
  ['bench/package-lock.json', readLock('bench/package-lock.json')],
  ['examples/package-lock.json', readLock('examples/package-lock.json')],
  ['tests/peers/package-lock.json', readLock('tests/peers/package-lock.json')],
];

const PERMISSIVE = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  '(MIT AND Zlib)',
];

/** Packages whose package.json has no `license`; what their licence file says was read. */
const READ: Readonly<Record<string, string>> = { 'node_modules/xmlhttprequest-ssl': 'MIT' };

/** Whether npm finds the package `name` from the folder of another one, as Node does: upwards. */
function isLocked(packages: LockedPackages, from: string, name: string): boolean {
  const folders = from.split('/node_modules/');
  const candidates = folders.map((_, at) => [...folders.slice(0, at + 1), name].join('/node_modules/'));
  return [...candidates, `node_modules/${name}`].some((path) => Object.hasOwn(packages, path));
}

describe('package-lock.json', () => {
  test('[HOUSE2] everything that users install has a permissive licence', () => {
    const others = Object.entries(readLock('package-lock.json'))
      .filter(([, { dev }]) => !dev)
      .map(([path, { license }]) => `${path}: ${license ?? READ[path]}`)
      .filter((line) => !PERMISSIVE.includes(line.slice(line.indexOf(': ') + 2)));
    expect(others).toEqual([]);
  });

  test.each(LOCKS)(
    '[HOUSE8] %s has a package for every platform that another package names',
    (_, packages) => {
      // `npm ci` refuses the file otherwise, on every platform.
      const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter((name) => !isLocked(packages, path, name)),
      );
      expect(missing).toEqual([]);
    },
  );

  test.each(LOCKS)('[HOUSE8] %s says what to install, not where from', (_, packages) => {
    expect(Object.keys(packages)).not.toEqual([]);
    expect(Object.values(packages).filter(({ version }) => version === undefined)).toEqual([]);
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});
