import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './sqlite-connection.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { messageOf, toFault } from './sqlite-errors.js';
import type {
  OpenedMessage,
  OperationName,
  Output,
  PackedLog,
  RequestMessage,
  ResponseMessage,
  SqliteWorkerData,
} from './sqlite-messages.js';

/** The storage thread: one connection, one request after the other. */
function serve(port: NonNullable<typeof parentPort>): void {
  const data = workerData as SqliteWorkerData;
  let database: SqliteDatabase;
  try {
    database = openDatabase(data);
    port.postMessage({ opened: true, identity: database.identity } satisfies OpenedMessage);
  } catch (error) {
    port.postMessage({ opened: false, sentence: messageOf(error) } satisfies OpenedMessage);
    return;
  }
  port.on('message', (request: RequestMessage) => {
    if (request.name === 'close') {
      database.settle();
      // Nothing is left to do then, so the thread ends, and with it the connection.
      port.close();
      return;
    }
    try {
      const output = database.perform(request.name, request.input);
      port.postMessage({ number: request.number, output } satisfies ResponseMessage, transferable(output));
      if (database.mergeDue) setImmediate(() => database.mergeLog());
    } catch (error) {
      port.postMessage({ number: request.number, fault: toFault(error) } satisfies ResponseMessage);
      // A transaction that cannot be rolled back would swallow the next one; a new thread starts clean.
      if (database.stuck) port.close();
    }
  });
}

/** The large buffers of an answer: they are handed over and not copied. */
function transferable(output: Output<OperationName>): ArrayBuffer[] {
  if (typeof output !== 'object') return [];
  if (output instanceof Uint8Array) return [output.buffer as ArrayBuffer];
  if ('firstSeq' in output) return [(output as PackedLog).rows.bytes.buffer];
  if ('pieces' in output) return output.pieces.map(({ buffer }) => buffer as ArrayBuffer);
  return [];
}

if (parentPort === null) throw new Error('sqlite-worker.js runs in a worker thread only');
serve(parentPort);
