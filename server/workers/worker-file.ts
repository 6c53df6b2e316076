import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Where the compiled code of a worker thread is. Node runs JavaScript only: compiled code finds its worker beside
 * itself, and code that runs from the TypeScript sources (the tests) finds it at the same place below `dist/`.
 *
 * @param callerUrl `import.meta.url` of the caller
 * @param relativePath path of the worker from the caller, as an import would write it: `./sqlite-worker.js`
 * @throws Error if the caller runs from its sources and they have not been compiled
 */
export function workerFile(callerUrl: string, relativePath: string): URL {
  const beside = new URL(relativePath, callerUrl);
  if (!callerUrl.endsWith('.ts')) return beside;
  const source = fileURLToPath(beside);
  const root = packageRoot(dirname(source));
  const compiled = join(root, 'dist', relative(root, source));
  if (!existsSync(compiled))
    throw new Error(`${compiled} is missing; compile the sources first: npm run build`);
  return pathToFileURL(compiled);
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('no package.json above the sources');
  return packageRoot(parent);
}
