import { describe, expect, test } from '@jest/globals';
import type { Grant, Identity } from '../../../server/auth/access.js';
import { Expiries } from '../../../server/documents/expiries.js';
import { CoscribeError } from '../../../shared/errors.js';
import type { Role } from '../../../shared/protocol.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { RegisterAccess } from '../../support/register-access.js';

/** Takes its time with reviews: each answers what was so when it was asked, once it is let go. */
class SlowReviews extends RegisterAccess {
  slow = false;
  readonly held: (() => void)[] = [];

  override async review(grant: Grant): Promise<Grant> {
    const answer = super.review(grant);
    answer.catch(() => {});
    if (this.slow) await new Promise<void>((go) => this.held.push(go));
    return answer;
  }
}

async function node() {
  const [store, clock, access] = [new GatedStore(), new ManualClock(), new SlowReviews()];
  const { documents } = documentNode({ store, clock, access });
  await documents.start();

  const admitted = async (token: string, role: Role, identity: Identity = {}): Promise<Person> => {
    access.add(token, role, identity);
    return new Person(`the secret of ${token}, long enough`, await documents.admit(NOTES, shown(token)));
  };
  const enter = async (...who: Parameters<typeof admitted>): Promise<Person> => {
    const person = await admitted(...who);
    await person.join(documents);
    return person;
  };
  /** @returns without waiting for what follows from it */
  const change = async (): Promise<void> => {
    await store.changeAccess({ kind: 'document', id: NOTES }, clock.wall());
    void documents.accessChanged(NOTES);
    await settle();
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(50);
      await settle();
    }
  };
  return { store, clock, access, documents, admitted, enter, change, pass };
}

function shown(token: string) {
  return { token, headers: {}, address: '127.0.0.1' };
}

const closed = ({ transport }: Person) =>
  transport.closed.map(({ reason, reconnectAfterMs }) => [reason.code, reconnectAfterMs]);

describe('changes of access that meet something else', () => {
  test('[ACC6] who could not be looked at is not forgotten when the store is away at the next look', async () => {
    const { store, access, enter, change, pass } = await node();
    const ann = await enter('ann', 'editor');
    access.roles.delete('ann');
    access.away = new CoscribeError('store-unavailable');
    await change();
    store.accessError = new CoscribeError('store-unavailable');
    await pass(5_000);
    expect(closed(ann)).toEqual([]);
    access.away = undefined;
    store.accessError = undefined;
    await pass(2_200);
    expect(closed(ann)).toEqual([['no-access', -1]]);
  });

  test('[ACC4] a review that takes long holds up nobody else', async () => {
    const { access, enter, change } = await node();
    const [ann, bob] = [await enter('ann', 'editor'), await enter('bob', 'editor')];
    access.slow = true;
    await change();
    access.slow = false;
    access.add('bob', 'viewer');
    await change();
    expect([ann.transport.roles, bob.transport.roles]).toEqual([[], ['viewer']]);
    for (const go of access.held) go();
    await settle();
    expect(bob.transport.roles).toEqual(['viewer']);
  });

  test('[ACC7] whose token has just ended when he is looked at may come back with another one', async () => {
    const { clock, access, enter, change } = await node();
    const ann = await enter('ann', 'editor', { expiresAt: clock.wall() + 100 });
    access.away = new CoscribeError('token-expired');
    await change();
    expect(closed(ann)).toEqual([['token-expired', 0]]);
  });

  test('[ACC5] what was asked before a change, and answered after it, does not undo it', async () => {
    const { access, documents, admitted, change } = await node();
    const ann = await admitted('ann', 'editor');
    await change();
    access.slow = true;
    const joined = ann.join(documents);
    await settle();
    access.add('ann', 'viewer');
    await change();
    const [asked, askedAgain] = access.held;
    askedAgain?.();
    await settle();
    asked?.();
    expect(await joined).toMatchObject({ role: 'viewer' });
    expect(await ann.type('late')).toMatchObject({ code: 'read-only' });
  });

  test('[ACC7] a review of the old token, answered late, does not bring it back', async () => {
    const { clock, access, enter, change, pass } = await node();
    const ann = await enter('ann', 'editor', { expiresAt: clock.wall() + 10_000 });
    access.slow = true;
    await change();
    access.people.set('again', { user: 'ann', expiresAt: clock.wall() + 600_000 });
    expect(await ann.session.renew(shown('again'))).toBe('editor');
    access.held.pop()?.();
    await pass(20_000);
    expect([closed(ann), ann.transport.renewals]).toEqual([[], 0]);
  });

  test('[ACC7] sessions that come in while a node stops leave no timer behind', async () => {
    const { clock, enter } = await node();
    const { session } = await enter('ann', 'editor', { expiresAt: clock.wall() + 60_000 });
    const stopping = new ManualClock();
    const expiries = new Expiries(stopping);
    expiries.stop();
    expiries.add(session);
    expect(stopping.pending).toBe(0);
  });
});
