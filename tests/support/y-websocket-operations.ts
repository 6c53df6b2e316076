import * as decoding from 'lib0/decoding';
import { ERRORS, type ErrorCode } from '../../shared/errors.js';
import type { AccessOperation, Attempt, Visit } from './access-attempts.js';
import { until } from './until.js';
import { YWebSocketClient } from './y-websocket-client.js';

/** y-websocket's message that something is not allowed. */
const AUTH = 2;

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The code of an error, by as much of its sentence, and of what follows that, as a WebSocket could be closed with. */
function codeOf(reason: string): string {
  const beginning = reason.replace(/…$/, '');
  const isOf = (sentence: string): boolean =>
    sentence.startsWith(beginning) || beginning.startsWith(sentence);
  return CODES.find((code) => isOf(ERRORS[code].sentence)) ?? reason;
}

/** Runs something with one of y-websocket's own clients that is in a document. */
function joined(run: (client: YWebSocketClient, visit: Visit) => Promise<string>, nowhere = false): Attempt {
  return async (visit) => {
    const { world, document, token } = visit;
    const room = nowhere ? world.newName() : document.id;
    const client = new YWebSocketClient('3.1.0', world.url, { room, ...(token !== undefined && { token }) });
    try {
      await until(() => client.synced || client.closed.length > 0, 'the document, or a refusal');
      const [refusal] = client.closed;
      return refusal === undefined ? await run(client, visit) : codeOf(refusal.reason);
    } finally {
      client.destroy();
    }
  };
}

/** What somebody can do with a client of y-websocket. */
export const Y_WEBSOCKET_OPERATIONS = {
  'open it': {
    protocol: 'y-websocket',
    needs: 'read',
    attempt: joined(async ({ text }) => (text === 'text' ? 'ok' : text)),
  },
  'open what is not there': {
    protocol: 'y-websocket',
    needs: 'edit',
    attempt: joined(async () => 'ok', true),
  },
  'write in it': {
    protocol: 'y-websocket',
    needs: 'edit',
    attempt: joined(async (client, { document }) => {
      const denials: string[] = [];
      client.provider.messageHandlers[AUTH] = (_answer, decoder) => {
        decoding.readVarUint(decoder);
        denials.push(codeOf(decoding.readVarString(decoder)));
      };
      client.type('!');
      // In this protocol an edit has no answer.
      while (denials.length === 0) if ((await document.written()).text === 'text!') return 'ok';
      return String(denials[0]);
    }),
  },
} as const satisfies Record<string, AccessOperation>;
