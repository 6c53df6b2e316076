import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The programs that tests need and npm does not bring. A new one is one more row.
 *
 * `env` is the environment variable in which tests get the program's path; whoever sets it beforehand chooses
 * the program. `commands` are looked for on PATH, `places` are absolute paths; one folder in them may be `*`, of which
 * the last is taken in the order of numbers. With the arguments `check`, if it has them, the program must end well. `debian` is what `apt-get` installs: one package or several.
 * With `unpack` the package is only unpacked, into a folder of this project, and the program is at that path in it: for
 * packages that would start a service.
 */
export const NEEDS = [
  {
    name: 'Chromium',
    env: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    places: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debian: 'chromium',
  },
  {
    // The disk that forgets what was not synced is a small C library, built when it is needed.
    name: 'a C compiler',
    env: 'CC',
    commands: ['cc', 'gcc', 'clang'],
    places: [],
    debian: 'gcc libc6-dev',
  },
  {
    name: 'PostgreSQL',
    env: 'POSTGRES_BIN',
    commands: ['postgres'],
    // Debian keeps each version in a folder of its own, and none of them on PATH.
    places: ['/usr/lib/postgresql/*/bin/postgres'],
    debian: 'postgresql',
  },
  {
    name: 'HAProxy',
    env: 'HAPROXY',
    commands: ['haproxy'],
    // Debian puts it where only administrators look.
    places: ['/usr/sbin/haproxy'],
    debian: 'haproxy',
  },
  {
    // Sharded pub/sub came with Redis 7.
    name: 'Redis 7',
    env: 'REDIS_SERVER',
    commands: ['redis-server'],
    places: [],
    debian: 'redis-server',
  },
  {
    // Debian's own Python, if the first one on PATH is another, which knows nothing of Debian's packages.
    name: 'Python 3 with python-socketio',
    env: 'PYTHON_SOCKETIO',
    commands: ['python3'],
    places: ['/usr/bin/python3'],
    check: ['-c', 'import requests, socketio, websocket'],
    debian: 'python3-socketio python3-websocket python3-requests',
  },
  {
    name: "Prometheus' promtool",
    env: 'PROMTOOL',
    commands: ['promtool'],
    places: [],
    debian: 'prometheus',
    unpack: 'usr/bin/promtool',
  },
];

/**
 * Finds a program, or installs it where that is possible without asking anybody: as root on Debian and its kin.
 *
 * @returns the program's path
 * @throws Error that says what is missing and how to get it
 */
export function provide(need) {
  const chosen = process.env[need.env];
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new Error(`${need.env} names ${chosen}, which is not an executable file. Correct it or unset it.`);
  }
  const found = find(need);
  if (found) return found;

  const install = `apt-get install -y --no-install-recommends ${need.debian}`;
  const howTo = `On Debian or Ubuntu: sudo ${install}. Elsewhere: install ${need.name} and set ${need.env} to its path.`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    throw new Error(`The tests need ${need.name}, and there is none on PATH. ${howTo}`);
  }
  console.error(`The tests need ${need.name}; installing Debian's package "${need.debian}".`);
  if (!run('apt-get update') || !(need.unpack ? unpack(need.debian) : run(install))) {
    throw new Error(`The tests need ${need.name}, and installing it failed. ${howTo}`);
  }
  const installed = find(need);
  if (installed) return installed;
  throw new Error(
    `Debian's package "${need.debian}" is installed, but there is no ${need.name} on PATH that works.`,
  );
}

/** Where packages are unpacked: beside what else tests leave behind. */
function unpackedIn() {
  return join(process.cwd(), '.tmp', 'needs');
}

/** Downloads a package and unpacks it, without any of what it would do when it is installed. */
function unpack(name) {
  const folder = unpackedIn();
  const archives = join(folder, 'archives');
  mkdirSync(archives, { recursive: true });
  try {
    if (!run(`apt-get download ${name}`, archives)) return false;
    return readdirSync(archives).every((file) => run(`dpkg-deb --extract ${join(archives, file)} ${folder}`));
  } finally {
    rmSync(archives, { recursive: true, force: true });
  }
}

function find({ commands, places: known, check, unpack: unpacked }) {
  const places = unpacked ? [...known, join(unpackedIn(), unpacked)] : known;
  const fits = (path) => check === undefined || spawnSync(path, check, { stdio: 'ignore' }).status === 0;
  const onPaths = commands.map(onPath).filter((path) => path !== undefined);
  return [...onPaths, ...places.flatMap(placesOf).filter(isProgram)].find(fits);
}

function placesOf(path) {
  const [before, after] = path.split('*');
  if (after === undefined || !existsSync(before)) return [path];
  const names = readdirSync(before).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => `${before}${name}${after}`);
}

function onPath(command) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, command)).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function run(commandLine, cwd) {
  const [command, ...args] = commandLine.split(' ');
  // Standard output is for the tests' result alone.
  const stdio = ['ignore', 2, 2];
  return (
    spawnSync(command, args, { stdio, cwd, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0
  );
}
