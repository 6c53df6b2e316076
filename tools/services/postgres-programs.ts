import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';

/** Where Debian and its kin keep the programs, a folder for each version. */
const VERSIONS_FOLDER = '/usr/lib/postgresql';

/**
 * The folder with `postgres` and `initdb`: the one that the environment variable POSTGRES_BIN names (itself, or the
 * path of `postgres` in it), else one on PATH, else the newest version that Debian's packages have installed.
 *
 * @throws Error that says how to get PostgreSQL
 */
export function postgresPrograms(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env.POSTGRES_BIN;
  if (chosen !== undefined && chosen !== '') {
    const folder = isProgram(chosen) ? folderOf(chosen) : [chosen].find(hasPrograms);
    if (folder !== undefined) return folder;
    throw new Error(
      `POSTGRES_BIN names ${chosen}, where there are no programs "postgres" and "initdb". Correct it or unset it.`,
    );
  }
  for (const place of [...(env.PATH ?? '').split(delimiter).filter(isAbsolute), ...installedVersions()]) {
    const folder = isProgram(join(place, 'postgres')) ? folderOf(join(place, 'postgres')) : undefined;
    if (folder !== undefined) return folder;
  }
  throw new Error(
    'PostgreSQL is not installed. On Debian or Ubuntu: sudo apt-get install postgresql. Elsewhere: install it and set POSTGRES_BIN to the folder of its programs.',
  );
}

function installedVersions(): string[] {
  try {
    const versions = readdirSync(VERSIONS_FOLDER).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(VERSIONS_FOLDER, version, 'bin'));
  } catch {
    return [];
  }
}

/** A link to one program leads to where all of them are. */
function folderOf(program: string): string | undefined {
  return [dirname(program), dirname(realpathSync(program))].find(hasPrograms);
}

function hasPrograms(folder: string): boolean {
  return isProgram(join(folder, 'postgres')) && isProgram(join(folder, 'initdb'));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who PostgreSQL's processes have to run as: it refuses root, so for root the system user `postgres`, or else `nobody`.
 *
 * @returns `undefined` for everybody else, who runs it as themselves
 * @throws Error if the system has neither user
 */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
  const user = users.get('postgres') ?? users.get('nobody');
  if (user !== undefined) return user;
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody".');
}
