import { expect, test } from '@jest/globals';
import { Broadcast } from '../../../server/documents/broadcast.js';
import { Documents } from '../../../server/documents/documents.js';
import { CoscribeError } from '../../../shared/errors.js';
import { encodeFrame } from '../../../shared/frames.js';
import { startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

test('[GW18] what a document sends from the moment in which it answers a join comes after the answer', async () => {
  const server = await startGateway();
  const { documents } = server;
  // As if something were committed at the very moment in which the document answers.
  documents.open = async (id, identity, transport) => {
    const session = await Documents.prototype.open.call(documents, id, identity, transport);
    const { goLive } = session;
    session.goLive = (answerBytes) => {
      goLive.call(session, answerBytes);
      transport.sendUpdates(new Broadcast(encodeFrame({ from: 1, updates: [Uint8Array.of(0, 0)] })));
      transport.sendAwareness(new Broadcast(Uint8Array.of(0)));
      transport.sendResync(new CoscribeError('too-slow'));
    };
    return session;
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
