import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { verifyWebhook } from '../../server/webhooks/verify-webhook.js';
import { Clients, type } from '../support/clients.js';
import { between, seededRandom } from '../support/seeds.js';
import { withServer } from '../support/server-process.js';
import { until } from '../support/until.js';
import { answer, SECRET, WebhookReceiver } from '../support/webhook-receiver.js';

const KILLS = 3;

test(`[WEBHOOK12] the server is killed with -9 between commits and requests ${KILLS} times: every change is told, the same under the same id`, async () => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
  const random = seededRandom(seed);
  const receiver = await WebhookReceiver.start();
  const clients = new Clients();
  const env = { ...process.env, COSCRIBE_WEBHOOK_URL: receiver.url, COSCRIBE_WEBHOOK_SECRET: SECRET };
  try {
    await withServer({ env }, async (server) => {
      const provider = clients.connect(server.url);
      await until(() => provider.synced, 'the client is synced');
      let before = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        // Some requests come to their ends, some are answered too late, some never begin.
        receiver.answer = (response) => {
          if (random() < 0.5) response.writeHead(204).end();
        };
        for (let edit = between(random, 1, 5); edit > 0; edit--) {
          type(provider, 'x');
          await until(() => provider.unsavedChanges === 0, 'it is saved');
        }
        // A request of this life that is not answered holds up the later ones.
        if (kill % 2 === 0) await until(() => receiver.received.length > before, 'a request is there');
        await server.kill();
        before = receiver.received.length;
        await server.start();
        await until(() => provider.synced, 'the client is synced again');
      }
      receiver.answer = answer(200);
      const head = provider.doc.getText('text').length;
      const last = () => Math.max(0, ...receiver.events.map(({ to }) => to));
      // What was not answered is waited for until its time is over: the next node begins at once.
      await server.kill();
      await server.start();
      await until(() => last() >= head && provider.synced, 'all is told');
      expect((await server.stop()).code).toBe(0);

      const byId = new Map(receiver.events.map((event) => [event.id, event]));
      for (const event of receiver.events) expect(byId.get(event.id)).toEqual(event);
      const parts = [...byId.values()].sort((a, b) => a.from - b.from);
      for (const [n, { from }] of parts.entries()) expect(from).toBe((parts[n - 1]?.to ?? 0) + 1);
      expect(parts.at(-1)?.to).toBe(head);
      for (const { headers, body, event } of receiver.received)
        expect(verifyWebhook(headers, body, SECRET)).toEqual(event);
    });
  } catch (error) {
    if (error instanceof Error)
      error.message = `seed ${seed} fails; again with: SEED=${seed} npx jest tests/integration/webhooks\n${error.message}`;
    throw error;
  } finally {
    clients.destroy();
    await receiver.close();
  }
});

test('[WEBHOOK15] [WEBHOOK16] [WEBHOOK30] the command line names a webhook, /metrics counts, SIGHUP tries again, and a stop tells what has gathered', async () => {
  const receiver = await WebhookReceiver.start();
  const clients = new Clients();
  try {
    const args = ['--webhook-url', receiver.url, '--webhook-secret', SECRET];
    await withServer({ args }, async (server) => {
      const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
      const provider = clients.connect(server.url);
      await until(() => provider.synced, 'the client is synced');
      const save = async (text: string) => {
        type(provider, text);
        await until(() => provider.unsavedChanges === 0, 'it is saved');
      };
      // Until it is answered it waits, however slow this machine is.
      const held: (() => void)[] = [];
      receiver.answer = (response) => held.push(() => response.writeHead(204).end());
      await save('a');
      await until(() => held.length === 1, 'the request is there');
      expect(await metrics()).toContain('coscribe_webhook_documents_waiting 1');
      held[0]?.();
      receiver.answer = answer(503, { 'retry-after': '7200' });
      await save('b');
      await until(() => receiver.received.length === 2, 'it was refused');
      let counted = '';
      const counts = async (taken: number, failed: number) => {
        const lines = [`taken"} ${taken}\n`, `failed"} ${failed}\n`].map(
          (end) => `coscribe_webhook_requests_total{outcome="${end}`,
        );
        while (!lines.every((line) => counted.includes(line))) counted = await metrics();
      };
      await counts(1, 1);
      receiver.answer = answer(204);
      process.kill(Number(server.process.pid), 'SIGHUP');
      await counts(2, 1);
      await save('c');
      expect((await server.stop()).code).toBe(0);
      const b = 'acme/notes 2-2';
      expect(receiver.told).toEqual(['acme/notes 1-1', b, b, 'acme/notes 3-3']);
      expect(receiver.events[0]?.authors).toEqual([expect.stringMatching(/^anonymous:/)]);
    });
  } finally {
    clients.destroy();
    await receiver.close();
  }
});

test('[WEBHOOK19] whoever creates, moves, deletes or restores a document, it is told, in its order, also after a kill with -9', async () => {
  const receiver = await WebhookReceiver.start();
  const clients = new Clients();
  const args = ['--webhook-url', receiver.url, '--webhook-secret', SECRET, '--webhook-events', '*'];
  try {
    await withServer({ args }, async (server) => {
      const ask = async (method: string, path: string, body?: object) => {
        const { status } = await fetch(`${server.url}/api/${path}`, {
          method,
          ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        });
        expect(Math.floor(status / 100)).toBe(2);
      };
      await ask('POST', 'documents', { id: 'acme/made' });
      const provider = clients.connect(server.url);
      await until(() => provider.synced, 'the client is synced');
      await ask('POST', 'documents/acme/notes/copy', { to: 'acme/copied' });
      await until(() => receiver.told.includes('created acme/copied'), 'the copy is told');
      const created = ['created acme/made', 'created acme/notes', 'created acme/copied'];
      expect(receiver.told.filter((one) => one.startsWith('created')).sort()).toEqual(created.sort());
      receiver.answer = () => {};
      await ask('POST', 'documents/acme/made/move', { to: 'acme/moved' });
      await ask('DELETE', 'documents/acme/moved');
      await ask('POST', 'documents/acme/moved/restore');
      await ask('DELETE', 'documents/acme/moved');
      const moved = 'moved acme/moved from acme/made';
      await until(() => receiver.told.includes(moved), 'the first one is told');
      await server.kill();
      receiver.answer = answer(204);
      args.push('--keep-deleted-ms', '0');
      await server.start();
      await until(() => receiver.told.includes('purged acme/moved'), 'the last one is told');
      const told = receiver.told.filter((one) => one.includes('acme/moved'));
      expect(told).toEqual([
        ...[moved, moved, 'deleted acme/moved', 'restored acme/moved'],
        ...['deleted acme/moved', 'purged acme/moved'],
      ]);
      const ids = receiver.received.filter(({ event }) => event.type === 'document.moved');
      expect(new Set(ids.map(({ event }) => event.id)).size).toBe(1);
      for (const { headers, body, event } of receiver.received)
        expect(verifyWebhook(headers, body, SECRET)).toEqual(event);
    });
  } finally {
    clients.destroy();
    await receiver.close();
  }
});
