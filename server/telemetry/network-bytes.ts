import { type Server as HttpServer, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { NetworkTraffic } from './node-sources.js';

/**
 * What goes over the connections of a server, in both directions. Node counts that for each connection anyway; here it is added up when a
 * connection ends, or when somebody asks. With TLS it is what was said, without what TLS adds.
 */
export class NetworkBytes implements NetworkTraffic {
  private readonly open = new Set<Socket>();
  private receivedBefore = 0;
  private sentBefore = 0;

  constructor(server: HttpServer | HttpsServer) {
    const bytes = this;
    // One function for all, which costs a connection nothing.
    function closed(this: Socket): void {
      bytes.open.delete(this);
      bytes.receivedBefore += this.bytesRead;
      bytes.sentBefore += this.bytesWritten;
    }
    server.on(server instanceof Server ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.open.add(socket);
      socket.on('close', closed);
    });
  }

  get received(): number {
    let sum = this.receivedBefore;
    for (const { bytesRead } of this.open) sum += bytesRead;
    return sum;
  }

  get sent(): number {
    let sum = this.sentBefore;
    // What waits to be sent is in it already.
    for (const { bytesWritten, writableLength } of this.open) sum += bytesWritten - writableLength;
    return sum;
  }
}
