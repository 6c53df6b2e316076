import { describe, expect, test } from '@jest/globals';
import { readProjectFile } from '../support/project-files.js';

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readProjectFile('package-lock.json')) as { packages: Record<string, LockedPackage> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

const PERMISSIVE = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'];

/** Packages whose package.json has no `license`; what their licence file says was read. */
const READ: Readonly<Record<string, string>> = { 'node_modules/xmlhttprequest-ssl': 'MIT' };

/** Whether npm finds the package `name` from the folder of another one, as Node does: upwards. */
function isLocked(from: string, name: string): boolean {
  const folders = from.split('/node_modules/');
  const candidates = folders.map((_, at) => [...folders.slice(0, at + 1), name].join('/node_modules/'));
  return [...candidates, `node_modules/${name}`].some((path) => Object.hasOwn(lock.packages, path));
}

describe('package-lock.json', () => {
  test('[HOUSE2] everything that users install has a permissive licence', () => {
    const others = packages
      .filter(([, { dev }]) => !dev)
      .map(([path, { license }]) => `${path}: ${license ?? READ[path]}`)
      .filter((line) => !PERMISSIVE.includes(line.slice(line.indexOf(': ') + 2)));
    expect(others).toEqual([]);
  });

  test('[HOUSE8] it has a package for every platform that another package names', () => {
    // `npm ci` refuses the file otherwise, on every platform.
    const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
    );
    expect(missing).toEqual([]);
  });

  test('[HOUSE8] it says what to install, not where from', () => {
    expect(packages.filter(([, { version }]) => version === undefined)).toEqual([]);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
