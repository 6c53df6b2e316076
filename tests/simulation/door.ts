import type { Admission } from '../../server/documents/admitted.js';
import { ownCredentials } from '../../server/gateway/credentials.js';
import { DocumentConnection } from '../../server/gateway/document-connection.js';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { unmetered } from '../support/unmetered.js';
import type { AccessGuard } from './access-guard.js';
import type { Life } from './life.js';
import { serverLog } from './server-log.js';
import { type ClientEnd, ServerSocket } from './server-socket.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

/** A client at the door. */
export interface Visitor {
  readonly id: DocumentId;
  readonly wire: Wire;
  readonly token: string | undefined;
  /** `false` once he has left again. */
  isWanted(): boolean;
}

/** What becomes of a visitor. */
export type Accepted = ServerSocket | CoscribeError | 'unreachable';

/** Clients of the simulation are slow to join now and then. */
const NEVER_DISMISSED = { start: () => {}, done: () => {} };
const EDITOR: Admission = { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0 };

type Answer = (accepted: Accepted) => void;

/** Lets clients into a node, as the gateway does. */
export class Door {
  constructor(
    private readonly world: World,
    /** The node's name. */
    private readonly node: string,
    private readonly guard: AccessGuard | undefined,
  ) {}

  /** @param answer called once, unless the process ends before */
  accept(life: Life, visitor: Visitor, client: ClientEnd, answer: Answer): void {
    const { wire } = visitor;
    if (life.documents.stopping && !life.wires.has(wire)) answer('unreachable');
    else if (life.documents.stopping) answer(new CoscribeError('shutting-down'));
    else {
      life.wires.add(wire);
      if (this.world.directory === undefined) answer(this.#connect(life, visitor, client, EDITOR));
      else void this.#admit(life, visitor, client, answer);
    }
  }

  async #admit(life: Life, visitor: Visitor, client: ClientEnd, answer: Answer): Promise<void> {
    const { id, token, wire, isWanted } = visitor;
    const shown = token === undefined ? {} : { token };
    try {
      const admission = await life.documents.admit(id, { headers: {}, address: '127.0.0.1', ...shown });
      if (isWanted() && !wire.isClosedByServer && !life.over)
        answer(this.#connect(life, visitor, client, admission));
    } catch (thrown) {
      if (!life.over) answer(toCoscribeError(thrown));
    }
  }

  #connect(life: Life, { id, wire }: Visitor, client: ClientEnd, admission: Admission): ServerSocket {
    const { world, node, guard } = this;
    const { documents, sessions } = life;
    const socket = new ServerSocket(id, wire, client, () => !life.over, world.witness);
    const connection = new DocumentConnection(socket.asSocket(), id, admission, unmetered(), {
      documents,
      log: serverLog(world, node),
      unjoined: NEVER_DISMISSED,
      credentialsOf: ownCredentials,
    });
    socket.onDisconnect = () => connection.leave();
    socket.onShow = () => {
      const session = sessions.get(connection);
      if (session !== undefined) guard?.shown(id, session);
    };
    return socket;
  }
}
