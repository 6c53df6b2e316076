import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { workerFile } from '../../../server/workers/worker-file.js';

const root = process.cwd();
const fileUrl = (path: string) => pathToFileURL(join(root, path)).href;

test('[STORE15] compiled code finds its worker beside itself, sources find the compiled one', () => {
  const compiled = fileUrl('dist/server/storage/sqlite-worker.js');
  expect(workerFile(fileUrl('dist/server/storage/sqlite-thread.js'), './sqlite-worker.js').href).toBe(
    compiled,
  );
  const found = workerFile(fileUrl('server/storage/sqlite-thread.ts'), './sqlite-worker.js');
  expect(found.href).toBe(compiled);
  expect(existsSync(fileURLToPath(found))).toBe(true);
});

test('[STORE15] sources that were not compiled say so', () => {
  expect(() => workerFile(fileUrl('server/storage/x.ts'), './not-there.js')).toThrow(/npm run build/);
});
