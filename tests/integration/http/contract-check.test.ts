import { describe, expect, test } from '@jest/globals';
import { problemBody } from '../../../server/edge/problem.js';
import { describeApi } from '../../../server/http/openapi/describe-api.js';
import { CoscribeError, ERRORS, type ErrorCode } from '../../../shared/errors.js';
import { type Answered, ApiContract } from '../../support/api-contract.js';

const FACTS = { maxBodyBytes: 1, maxUpdateBytes: 1, maxDocumentBytes: 1 };
const DESCRIBED = describeApi({ version: '', mode: 'tokens', serverUrl: '/', facts: FACTS });

describe('the check finds', () => {
  const written = { seq: 1, generation: 'g', changed: true };
  const good: Answered = {
    method: 'PUT',
    path: '/api/documents/acme/plan/text',
    status: 200,
    headers: { 'content-type': 'application/json', etag: '"1-g"' },
    body: Buffer.from(JSON.stringify(written)),
  };
  const refused = (code: ErrorCode, more: Partial<Answered> = {}): Partial<Answered> => ({
    status: ERRORS[code].status,
    headers: { 'content-type': 'application/problem+json' },
    body: Buffer.from(problemBody(new CoscribeError(code))),
    ...more,
  });
  const saying = (json: unknown): Partial<Answered> => ({ body: Buffer.from(JSON.stringify(json)) });
  const following = (text: string): Partial<Answered> => ({
    method: 'GET',
    path: '/api/documents/acme/plan/events',
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: Buffer.from(text),
  });

  test.each<[string, Partial<Answered>, string]>([
    ['an address of which nothing is told', { path: '/api/other' }, 'is not described'],
    ['a method of which nothing is told', { method: 'DELETE' }, 'is not described'],
    ['a status of which nothing is told', { status: 202 }, 'does not tell of 202'],
    ['another type', { headers: { ...good.headers, 'content-type': 'text/html' } }, 'the body is text/html'],
    ['a header that is missing', { headers: { 'content-type': 'application/json' } }, 'ETag is not there'],
    ['a header of another form', { headers: { ...good.headers, etag: 'W/"1"' } }, 'the header ETag is W/"1"'],
    ['a header too many', { headers: { ...good.headers, location: '/' } }, 'of the header location'],
    ['a field that is missing', saying({ seq: 1, changed: true }), "required property 'generation'"],
    ['a field too many', saying({ ...written, more: 1 }), 'must NOT have additional properties'],
    ['a field of another type', saying({ ...written, seq: '1' }), 'seq must be integer'],
    ['a code of which nothing is told', refused('sharing-off'), 'code must be equal to one of'],
    ['a refusal that does not say when to come back', refused('server-busy'), 'Retry-After is not there'],
    ['a body where there is none', { method: 'HEAD', path: '/api/documents/acme/plan' }, 'HEAD has a body'],
    ['an event of which nothing is told', following('event: other\ndata: {}\n\n'), 'of the event other'],
    ['an event of another form', following('event: delta\ndata: {}\n\n'), "required property 'seq'"],
  ])('[OAS8] %s', (_, wrong, problem) => {
    const contract = new ApiContract(DESCRIBED);
    contract.check(good);
    expect(() => contract.check({ ...good, ...wrong })).toThrow(problem);
  });

  test('[OAS8] what was never answered', () => {
    const contract = new ApiContract(DESCRIBED);
    expect(contract.missing).toContain('replaceText 200');
    contract.check(good);
    expect(contract.missing).not.toContain('replaceText 200');
    expect(contract.missing.length).toBeGreaterThan(20);
  });
});
