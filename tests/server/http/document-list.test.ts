import { describe, expect, test } from '@jest/globals';
import { parseListQuery } from '../../../server/http/document-list.js';

describe('parameters of a list', () => {
  test('[HTTP6] what is not said is the last edit first, 50 at most', () => {
    expect(parseListQuery({})).toEqual({ limit: 50, order: 'updated' });
  });

  test('[API15] what is said counts', () => {
    const query = { workspace: 'acme', prefix: 'pl', order: 'name', limit: '7' };
    expect(parseListQuery(query)).toEqual({ ...query, limit: 7 });
  });

  test.each([
    { order: 'size' },
    { order: '' },
    { limit: '0' },
    { limit: '501' },
    { limit: '1e3' },
    { prefix: 'a b' },
  ])('[API15] %j is refused', (query) => {
    expect(() => parseListQuery(query)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});
