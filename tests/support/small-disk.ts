import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import type { TestServer } from './server-process.js';
import { buildDiskShim, diskShimMissing } from './store-process.js';

const KILOBYTE = 1024;

/** A disk for one server that can be filled, and emptied again, while the server runs. */
export interface SmallDisk {
  readonly kind: 'a real one of a megabyte' | 'one that only says that it is full';
  readonly launcher?: (storeFolder: string) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  fill(server: TestServer): void;
  makeRoom(server: TestServer): void;
  remove(): void;
}

/**
 * A file system of a megabyte in memory, which only the server sees and which is gone with it. Where Linux does not
 * let us mount one, the disk is `disk-shim.c` in its place.
 */
export function smallDisk(): SmallDisk {
  return namespacesWork() ? mountedDisk() : shimDisk();
}

function namespacesWork(): boolean {
  const mount = 'mount -t tmpfs -o size=1m tmpfs /mnt';
  return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount]).status === 0;
}

function mountedDisk(): SmallDisk {
  // The server's own view of its folder: the mount is in no other process.
  const filler = ({ process, folder }: TestServer): string =>
    join(`/proc/${process.pid}/root`, folder.path, 'filler');
  return {
    kind: 'a real one of a megabyte',
    launcher: (storeFolder) => [
      ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
      'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"',
      storeFolder,
    ],
    fill(server) {
      for (let size = 64 * KILOBYTE; size > 0; size = size === KILOBYTE ? 0 : size / 2) {
        while (append(filler(server), size));
      }
    },
    makeRoom: (server) => rmSync(filler(server)),
    remove: () => {},
  };
}

function append(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

function shimDisk(): SmallDisk {
  const missing = diskShimMissing();
  if (missing !== undefined) throw new Error(missing);
  const shim: TemporaryFolder = temporaryFolder();
  buildDiskShim(shim.file('shim.so'));
  return {
    kind: 'one that only says that it is full',
    env: {
      LD_PRELOAD: shim.file('shim.so'),
      DISK_FOLDER: join(shim.path, '..'),
      DISK_DURABLE: shim.path,
      DISK_FAULT: shim.file('fault'),
    },
    fill: () => writeFileSync(shim.file('fault'), 'w'),
    makeRoom: () => rmSync(shim.file('fault')),
    remove: () => shim.remove(),
  };
}
