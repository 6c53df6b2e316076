import type { Server, Socket } from 'socket.io';
import type { ServerToClientEvents } from '../../shared/protocol.js';

/** What a client may send is anything at all, whatever the protocol's types say. */
export type AnythingEvents = Record<string, (...args: unknown[]) => void>;
type NoEvents = Record<string, never>;

export type CoscribeIo = Server<AnythingEvents, ServerToClientEvents, NoEvents>;
export type DocumentSocket = Socket<AnythingEvents, ServerToClientEvents, NoEvents>;
