import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fillPage, writeReport } from '../../../load/report/write-report.js';
import { writeWhole } from '../../../load/report/write-whole.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { exampleResult } from '../../support/load-results.js';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test('[LOADREP8] a report is there whole, in the place of an older one, with nothing else beside it', async () => {
  const file = folder.file('report.html');
  writeFileSync(file, 'an older one');
  await writeReport(exampleResult(), file);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^<!doctype html>[\s\S]+<\/html>\n$/);
  const json = /<script type="application\/json" id="result">(.*?)<\/script>/.exec(text)?.[1] ?? '';
  expect(JSON.parse(json)).toEqual(exampleResult());
  expect(folder.names()).toEqual(['report.html']);
});

test('[LOADREP8] one that can not be written leaves nothing behind', async () => {
  await expect(writeReport(exampleResult(), folder.file('missing/report.html'))).rejects.toThrow(/ENOENT/);
  expect(() => fillPage('<html></html>', exampleResult())).toThrow(/build the package again/);
});

test('[LOADREP8] [LOAD22] what could not be finished leaves nothing behind, and the older one as it was', async () => {
  const file = folder.file('taken');
  mkdirSync(file);
  writeFileSync(folder.file('taken/x'), '');
  await expect(writeWhole(file, 'text')).rejects.toThrow(/EISDIR|illegal operation/);
  expect(folder.names()).toEqual(['taken']);
});

test('[LOAD22] a pipe is written to, and stays a pipe', async () => {
  const pipe = folder.file('pipe');
  execFileSync('mkfifo', [pipe]);
  const read = readFile(pipe, 'utf8');
  await writeWhole(pipe, 'text');
  expect(await read).toBe('text');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});
