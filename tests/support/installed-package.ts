import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { PATIENCE_MS } from './patience.js';
import { ROOT } from './project-files.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The package as npm would publish it, installed into a project that has nothing else but the files of `app`. */
export interface InstalledPackage {
  /** The project that it is installed into. */
  readonly folder: string;
  readonly tarball: string;
  /** What is in it: paths from the package's root. */
  readonly files: readonly string[];
  /** Runs a program in the project. */
  run(program: string, ...args: string[]): Promise<Ran>;
  remove(): void;
}

/**
 * Packs what has been built, without building it again, and installs it.
 *
 * @param app folder whose files the project begins with
 * @param packages what is installed beside it: `name@version`
 * @throws Error with npm's words
 */
export async function installPackage(app: string, packages: readonly string[]): Promise<InstalledPackage> {
  const temporary = temporaryFolder();
  try {
    return await packAndInstall(temporary, app, packages);
  } catch (error) {
    temporary.remove();
    throw error;
  }
}

async function packAndInstall(
  temporary: TemporaryFolder,
  app: string,
  packages: readonly string[],
): Promise<InstalledPackage> {
  const folder = temporary.file('app');
  cpSync(app, folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true }));

  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary.path];
  const [packed] = JSON.parse(await npm(ROOT, pack)) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error('npm packed nothing');
  const tarball = temporary.file(packed.filename);
  await npm(folder, ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...packages]);
  return {
    folder,
    tarball,
    files: packed.files.map(({ path }) => path).sort(),
    run: (program, ...args) => run(folder, program, args, MAX_RUN),
    remove: () => temporary.remove(),
  };
}

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, 'npm', args);
  if (code !== 0) throw new Error(`npm ${args.join(' ')}\n${stderr}`);
  return stdout;
}

/** The version of a package that another package.json of the project asks for. */
export function versionIn(packageJson: string, name: string): string {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, packageJson), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const version = { ...devDependencies, ...dependencies }[name];
  if (version === undefined) throw new Error(`${packageJson} does not name ${name}`);
  return `${name}@${version}`;
}

/** How long a program may run, in milliseconds: less than what jest gives a test. */
const MAX_RUN = 2 * PATIENCE_MS;

function run(cwd: string, program: string, args: readonly string[], timeout?: number): Promise<Ran> {
  const child = spawn(program, args, {
    cwd,
    timeout,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
