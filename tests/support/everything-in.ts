import { expect } from '@jest/globals';
import type { StoredDocument, StoredRest } from '../../server/storage/check/store-reader.js';
import { openReader } from '../../server/storage/transfer/open-reader.js';

/** Everything that a store keeps. @param scratch folder that a file is copied to */
export async function everythingIn(
  url: string,
  scratch: string,
): Promise<{ documents: StoredDocument[]; rest: Omit<StoredRest, 'findings'> }> {
  const reader = await openReader(url, { scratch, wait: () => Promise.resolve() });
  const documents: StoredDocument[] = [];
  for await (const { document, findings } of reader.documents()) {
    expect(findings).toEqual([]);
    if (document !== undefined) documents.push(document);
  }
  const { findings, lifeEvents = [], ...rest } = await reader.rest();
  expect(findings).toEqual([]);
  await reader.close();
  const byName = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  const sorted = documents.sort(byName).map((document) => ({
    ...document,
    authors: [...document.authors].sort((a, b) => a.clientId - b.clientId),
  }));
  // Only their order counts.
  return {
    documents: sorted,
    rest: { ...rest, lifeEvents: lifeEvents.map((event, key) => ({ ...event, key })) },
  };
}
