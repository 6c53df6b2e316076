import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export type Encoding = 'br' | 'gzip';

/** A file of the bundle, with the compressed forms that the build made of it. */
export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly encoded: Readonly<Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>>;
}

export interface PublicFiles {
  /** By file name. What is not in the map does not exist, so no path can leave the directory. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** `coscribe.js`, for `<script>` tags in other pages, and its source map. */
  readonly scripts: ReadonlyMap<string, Asset>;
  /** `service-worker.js`, with which the pages open without a network. */
  readonly worker: ReadonlyMap<string, Asset>;
  readonly home: string;
  readonly document: string;
  readonly error: string;
  readonly admin: string;
}

/** File and path of the service worker: it can serve what lies below its own path only. */
export const WORKER = 'service-worker.js';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const SUFFIXES: readonly (readonly [Encoding, string])[] = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/**
 * Reads what `scripts/build-app.mjs` and `scripts/build-browser.mjs` wrote, all of it, into memory: it is a few megabytes.
 *
 * @throws Error when a directory is not there or not complete
 */
export function loadPublicFiles(directory: string, browserDirectory: string): PublicFiles {
  try {
    const page = (name: string) => readFileSync(join(directory, name), 'utf8');
    const scripts = readAssets(browserDirectory);
    const worker = readAssets(directory);
    if (!scripts.has('coscribe.js')) throw new Error(`there is no coscribe.js in ${browserDirectory}`);
    if (!worker.has(WORKER)) throw new Error(`there is no ${WORKER} in ${directory}`);
    return {
      assets: readAssets(join(directory, 'assets')),
      scripts,
      worker,
      home: page('home.html'),
      document: page('document.html'),
      error: page('error.html'),
      admin: page('admin.html'),
    };
  } catch (cause) {
    throw new Error(`The pages are not built in ${directory}; run "npm run build".`, { cause });
  }
}

/** Files of a directory, with the compressed forms beside them. @throws Error if it is not there */
export function readAssets(directory: string): ReadonlyMap<string, Asset> {
  const names = new Set(readdirSync(directory));
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const read = (suffix: string) => new Uint8Array(readFileSync(join(directory, name + suffix)));
    const encoded = SUFFIXES.filter(([, suffix]) => names.has(name + suffix)).map(
      ([encoding, suffix]) => [encoding, read(suffix)] as const,
    );
    assets.set(name, { type, body: read(''), encoded: Object.fromEntries(encoded) });
  }
  return assets;
}

/** The smallest form of an asset that the client says it understands. */
export function chooseEncoding(asset: Asset, accepted: string | undefined): Encoding | undefined {
  const refused = /;\s*q=0(?:\.0*)?\s*$/;
  const offered = (accepted ?? '')
    .split(',')
    .filter((part) => !refused.test(part))
    .map((part) => part.split(';')[0]?.trim().toLowerCase());
  return SUFFIXES.map(([encoding]) => encoding).find(
    (encoding) => offered.includes(encoding) && asset.encoded[encoding] !== undefined,
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fills `{{key}}` in a page; every value is escaped for HTML text and attributes. */
export function fillPage(page: string, values: Readonly<Record<string, string>>): string {
  return page.replace(/\{\{(\w+)\}\}/g, (_, key: string) =>
    (values[key] ?? '').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? ''),
  );
}
