import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';

const PAGES = ['admin.html', 'document.html', 'error.html', 'home.html'];

function build(out: string): string[] {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-app.mjs', '--out', out], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return readdirSync(join(out, 'assets')).sort();
}

describe('scripts/build-app.mjs', () => {
  const folder = temporaryFolder();
  const out = folder.file('public');
  let names: string[] = [];
  beforeAll(() => {
    names = build(out);
  });
  afterAll(() => folder.remove());
  const asset = (name: string) => readFileSync(join(out, 'assets', name));

  test('[HTTP13] assets carry a hash of their content, the same one in every build', () => {
    const plain = names.filter((name) => !/\.(br|gz)$/.test(name));
    const kinds = new Set(plain.map((name) => name.replace(/-[0-9A-Z]{8}\./, '.')));
    expect([...kinds].sort()).toEqual([
      'admin.css',
      'admin.js',
      'document.js',
      'favicon.svg',
      'home.js',
      'part.js',
      'style.css',
      'theme-boot.js',
    ]);
    expect(build(folder.file('again'))).toEqual(names);
  });

  test('[HTTP13] each is there compressed as well', () => {
    for (const name of names.filter((candidate) => !/\.(br|gz)$/.test(candidate))) {
      expect(brotliDecompressSync(asset(`${name}.br`)).equals(asset(name))).toBe(true);
      expect(gunzipSync(asset(`${name}.gz`)).equals(asset(name))).toBe(true);
    }
  });

  test.each(PAGES)('[HTTP13] %s names only what is there, and has nothing inline', (page) => {
    const html = readFileSync(join(out, page), 'utf8');
    const named = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address ?? '');
    expect(named.length).toBeGreaterThan(3);
    for (const address of named) {
      if (!['/', '/admin'].includes(address)) expect(names).toContain(address.replace('/assets/', ''));
    }
    expect(html).not.toMatch(/\[\[|<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:/);
  });

  test('[PAGE33] the service worker names what the pages load, under another version when any of it changes', () => {
    const worker = readFileSync(join(out, 'service-worker.js'), 'utf8');
    for (const name of names.filter((candidate) => !/\.(br|gz)$/.test(candidate)))
      expect([name, worker.includes(`"/assets/${name}"`)]).toEqual([name, !name.startsWith('admin-')]);
    expect(worker).toMatch(/version:"[0-9a-f]{12}"/);
    expect(brotliDecompressSync(readFileSync(join(out, 'service-worker.js.br'))).toString()).toBe(worker);
  });

  test("[ADMPAGE15] the operators' page loads under 40 kB of script, and no other page loads any of it", () => {
    const scripts = names.filter((name) => /^admin-.*\.js\.gz$/.test(name));
    expect(scripts).toHaveLength(1);
    for (const name of scripts) expect(asset(name).length).toBeLessThan(40_000);
    for (const page of PAGES)
      expect([page, readFileSync(join(out, page), 'utf8').includes('/assets/admin-')]).toEqual([
        page,
        page === 'admin.html',
      ]);
  });

  test('[HTTP13] what the editor loads is small, and all of it is named in the page: under 100 kB on the wire', () => {
    const html = readFileSync(join(out, 'document.html'), 'utf8');
    const named = new Set([...html.matchAll(/"\/assets\/([^"]+)"/g)].map(([, name]) => name ?? ''));
    const imported = [...named].flatMap((name) =>
      [
        ...asset(name)
          .toString()
          .matchAll(/from"\.\/(part-[^"]+)"/g),
      ].map(([, part]) => part ?? ''),
    );
    expect(imported.length).toBeGreaterThan(0);
    for (const part of imported) expect(named).toContain(part);
    const bytes = [...named].reduce((sum, name) => sum + asset(`${name}.br`).length, 0);
    expect(bytes).toBeLessThan(100_000);
  });
});
