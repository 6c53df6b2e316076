import { expect, test } from '@jest/globals';
import { Broadcast } from '../../../server/documents/broadcast.js';
import { Documents } from '../../../server/documents/documents.js';
import { CoscribeError } from '../../../shared/errors.js';
import { encodeFrame } from '../../../shared/frames.js';
import { startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

test('[GW18] what a document sends while a join is being answered comes after the answer', async () => {
  const server = await startGateway();
  const { documents } = server;
  // As if something were committed between the document's answer and its way through the gateway.
  documents.join = async (id, identity, transport, request) => {
    const reply = await Documents.prototype.join.call(documents, id, identity, transport, request);
    transport.sendUpdates(new Broadcast(encodeFrame({ from: 1, updates: [Uint8Array.of(0, 0)] })));
    transport.sendAwareness(new Broadcast(Uint8Array.of(0)));
    transport.sendResync(new CoscribeError('too-slow'));
    return reply;
  };
  const client = await RawClient.connect(server.url);
  const order: string[] = [];
  client.socket.onAny((event: string) => order.push(event));
  const { doc, clientKey } = client;
  client.socket.emit('join', { clientId: doc.clientID, clientKey }, () => order.push('answer'));
  await until(() => order.length === 4, 'everything');
  expect(order).toEqual(['answer', 'updates', 'awareness', 'resync']);
  client.close();
  await server.stop();
});
