import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The processes that this one has started, not those that they have started. None if it is gone. */
export function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent }) => parent === pid)
    .map(({ own }) => own);
}

interface ProcessIds {
  readonly own: number;
  readonly parent: number;
}

function processes(): ProcessIds[] {
  if (process.platform === 'linux') return linuxProcesses();
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [own = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return { own, parent };
  });
}

/** Small images of Linux have no `ps`. */
function linuxProcesses(): ProcessIds[] {
  const found: ProcessIds[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // "pid (command) state parent …"; the command may hold spaces and brackets.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      found.push({ own: Number(name), parent });
    } catch {
      // It has ended since the folder was read.
    }
  }
  return found;
}
