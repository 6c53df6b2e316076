import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type GatewayServer, headOf, startGateway } from '../../support/gateway-server.js';
import { type HostileUpdate, hostileUpdates } from '../../support/hostile-updates.js';
import { RawClient, TRANSPORTS } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

let server: GatewayServer;

afterEach(() => server.stop());

async function start(...options: Parameters<typeof startGateway>): Promise<void> {
  server = await startGateway(...options);
}

describe('updates that do harm', () => {
  beforeEach(() => start());

  test.each(TRANSPORTS)(
    '[GW10] each is refused with its code and leaves no trace, over %s',
    async (transport) => {
      const victim = await RawClient.joined(server.url);
      const attacker = await RawClient.joined(server.url, { transport });
      await attacker.type('mine');
      await until(() => victim.text === 'mine', 'the text');
      await victim.type('others');
      await until(() => attacker.text === 'mineothers', 'the text');
      const head = await headOf(server, 'acme/notes');
      const heard = victim.received.length;

      const standing = { me: attacker.doc.clientID, clock: 4, other: victim.doc.clientID, otherClock: 6 };
      const outcomes: Pick<HostileUpdate, 'name' | 'code'>[] = [];
      const hostile = hostileUpdates(standing);
      for (const { name, kind, update } of hostile) {
        const reply = await attacker.update(update, kind);
        outcomes.push({ name, code: reply.ok ? 'internal' : reply.error.code });
      }
      expect(outcomes).toEqual(hostile.map(({ name, code }) => ({ name, code })));
      expect(await headOf(server, 'acme/notes')).toBe(head);
      expect(victim.received).toHaveLength(heard);

      expect(await attacker.type('!')).toMatchObject({ ok: true, seq: head + 1 });
      expect(await victim.type('?')).toMatchObject({ ok: true });
      const late = await RawClient.joined(server.url);
      await until(() => victim.text === late.text && attacker.text === late.text, 'equal texts');
      expect(late.text).toHaveLength('mineothers!?'.length);
      for (const client of [victim, attacker, late]) client.close();
    },
  );

  test('[GW10] 2,000 updates with gaps are refused without delay for others', async () => {
    const honest = await RawClient.joined(server.url);
    const attacker = await RawClient.joined(server.url);
    const [, ...gaps] = Array.from({ length: 2_001 }, () => attacker.edit((text) => text.insert(0, 'x')));
    let answered = 0;
    const replies = Promise.all(gaps.map((update) => attacker.update(update).finally(() => answered++)));
    await honest.type('fast');
    // What came before is not through yet.
    expect(answered).toBeLessThan(gaps.length);
    const codes = (await replies).map((reply) => (reply.ok ? 'ok' : reply.error.code));
    expect(new Set(codes)).toEqual(new Set(['missing-dependencies']));
    for (const client of [honest, attacker]) client.close();
  });
});

describe('size', () => {
  test('[GW11] an update above the limit is refused, and its connection goes on', async () => {
    await start({ limits: { maxUpdateBytes: 10_000 } });
    const client = await RawClient.joined(server.url);
    const large = client.edit((text) => text.insert(0, 'x'.repeat(12_000)));
    expect(await client.update(large)).toMatchObject({ error: { code: 'update-too-large' } });
    expect(await client.update(Uint8Array.of(0, 0))).toMatchObject({ ok: true });
    client.close();
  });

  test('[GW11] a full document takes deletions and nothing else', async () => {
    await start({ limits: { maxDocumentBytes: 10_000 } });
    const client = await RawClient.joined(server.url);
    await client.type('x'.repeat(6_000));
    const more = client.edit((text) => text.insert(0, 'y'.repeat(6_000)));
    let answer = await client.update(more);
    // Until the log is merged nobody can tell.
    while (!answer.ok && answer.error.code === 'document-busy') answer = await client.update(more);
    expect(answer).toMatchObject({ error: { code: 'document-too-large' } });
    const again = await RawClient.joined(server.url);
    const deletion = again.edit((text) => text.delete(0, 5_000));
    expect(await again.update(deletion)).toMatchObject({ ok: true });
    await until(() => client.text === `${'y'.repeat(6_000)}${'x'.repeat(1_000)}`, 'the deletion');
    for (const one of [client, again]) one.close();
  });
});
