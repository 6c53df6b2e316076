import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** The root of the repository. */
export const ROOT = resolve(__dirname, '../..');

/** All files of ours under these folders whose names end so: path from the root (with `/`) -> text. */
export function readFiles(folders: readonly string[], ending: string): Map<string, string> {
  const paths = folders.flatMap((folder) => {
    const at = join(ROOT, folder);
    if (!existsSync(at)) throw new Error(`there is no folder ${folder}`);
    return readdirSync(at, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  });
  const files = paths
    .filter((path) => path.endsWith(ending) && !path.split(sep).includes('node_modules'))
    .sort();
  return new Map(files.map((path) => [path.split(sep).join('/'), readFileSync(join(ROOT, path), 'utf8')]));
}

export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
