/** The process that does the work of `coscribe load`; see launch.ts. */
import { rmSync } from 'node:fs';
import { startGenerator } from '../generator/start-generator.js';
import { writeReport } from '../report/write-report.js';
import { CouldNotBegin } from './course-types.js';
import type { FromKeeper, ToKeeper } from './keeper-messages.js';
import { runLoad } from './run-load.js';

const stop = new AbortController();
let columns = 100;
let folder: string | undefined;

/** Fulfils when it is sent, or nobody is there any more. */
function tell(message: FromKeeper): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
}

async function run(message: Extract<ToKeeper, { kind: 'run' }>): Promise<void> {
  folder = message.folder;
  columns = message.columns;
  let code = 0;
  try {
    code = await runLoad({
      options: message.options,
      folder,
      output: {
        isTTY: message.isTTY,
        get columns() {
          return columns;
        },
        write: (text) => void tell({ kind: 'write', text }),
      },
      signal: stop.signal,
      startGenerator,
      writeReport,
      complain: (message) => void tell({ kind: 'complaint', message }),
    });
  } catch (error) {
    if (!(error instanceof CouldNotBegin)) throw error;
    await tell({ kind: 'problem', message: error.message });
  }
  await tell({ kind: 'done', code });
  process.exit(0);
}

process.on('message', (message: ToKeeper) => {
  if (message.kind === 'run') void run(message);
  else if (message.kind === 'columns') ({ columns } = message);
  else stop.abort();
});
process.on('disconnect', () => {
  // Nobody is there who could be told anything: not even the folder is left.
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  process.kill(-process.pid, 'SIGKILL');
});
// Who ends this process by hand means: end with what is known by now.
process.on('SIGTERM', () => stop.abort());
process.on('SIGINT', () => stop.abort());
