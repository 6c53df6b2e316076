import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';

const PAGES = ['document.html', 'error.html', 'home.html'];

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
    expect(plain.map((name) => name.replace(/-[0-9A-Z]{8}\./, '.'))).toEqual([
      'document.js',
      'favicon.svg',
      'home.js',
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
      if (address !== '/') expect(names).toContain(address.replace('/assets/', ''));
    }
    expect(html).not.toMatch(/\[\[|<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:/);
  });

  test('[HTTP13] what the editor loads is small: under 80 kB on the wire', () => {
    const editor = names.filter((name) => /^(document|style|theme-boot|favicon).*\.br$/.test(name));
    const bytes = editor.reduce((sum, name) => sum + asset(name).length, 0);
    expect(editor).toHaveLength(4);
    expect(bytes).toBeLessThan(80_000);
  });
});
