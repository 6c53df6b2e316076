import type { ProtocolName } from '../plan.js';
import { coscribe } from '../wire/coscribe.js';
import { hocuspocus } from '../wire/hocuspocus.js';
import type { Protocol } from '../wire/protocol.js';
import { ySocketIo } from '../wire/y-socket-io.js';
import { yWebsocket } from '../wire/y-websocket.js';

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  coscribe,
  hocuspocus,
  'y-websocket': yWebsocket,
  'y-socket.io': ySocketIo,
};
