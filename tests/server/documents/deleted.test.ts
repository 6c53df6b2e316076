import { expect, test } from '@jest/globals';
import type { DocumentHead } from '../../../server/storage/store.js';
import type { DocumentId } from '../../../shared/ids.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { settle } from '../../support/manual-clock.js';

/** Its answers can be held back on their way. */
class LateStore extends GatedStore {
  late: Promise<void> | undefined;

  override async open(id: DocumentId, now: number): Promise<DocumentHead> {
    const head = await super.open(id, now);
    await this.late;
    return head;
  }
}

test('[API6] a document that is deleted while it is loaded is closed as soon as it is', async () => {
  const store = new LateStore();
  const { documents } = documentNode({ store });
  let arrive = (): void => {};
  store.late = new Promise((resolve) => {
    arrive = resolve;
  });
  const person = new Person();
  const joining = person.join(documents).catch(() => {});
  await settle();
  await store.remove(NOTES, 1);
  const deleting = documents.deleted(NOTES);
  await settle();
  arrive();
  await Promise.all([deleting, joining]);
  await settle();
  expect(person.transport.closed.map(({ reason }) => reason.code)).toEqual(['document-deleted']);
  expect(documents.openCount).toBe(0);
});
