import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { AccessMode } from '../../../../server/auth/access.js';
import { describeApi } from '../../../../server/http/openapi/describe-api.js';
import type {
  MediaType,
  OpenApi,
  Operation,
  Parameter,
  Schema,
} from '../../../../server/http/openapi/openapi.js';
import { ERRORS, type ErrorCode } from '../../../../shared/errors.js';
import { ROOT } from '../../../support/project-files.js';

const MODES: readonly AccessMode[] = ['open', 'links', 'tokens'];

function described(mode: AccessMode): OpenApi {
  const facts = { maxBodyBytes: 65_536, maxUpdateBytes: 262_144, maxDocumentBytes: 10_485_760 };
  const made = describeApi({ version: '1.2.3', mode, serverUrl: '/', facts });
  // As it travels.
  return JSON.parse(JSON.stringify(made)) as OpenApi;
}

const DESCRIPTION = described('tokens');
const OPERATIONS = Object.values(DESCRIPTION.paths).flatMap((item) => Object.values(item) as Operation[]);
const NAMED = OPERATIONS.map((operation) => [operation.operationId, operation] as const);

describe('the description', () => {
  test('[OAS1] is valid OpenAPI 3.1 in each mode', () => {
    // The validator is an ES module, which Jest does not load.
    const program = `
      import { readFileSync } from 'node:fs';
      import { Validator } from '@seriousme/openapi-schema-validator';
      const results = [];
      for (const one of JSON.parse(readFileSync(0, 'utf8'))) {
        const { valid, errors } = await new Validator().validate(one);
        results.push(valid ? 'valid' : errors);
      }
      process.stdout.write(JSON.stringify(results));`;
    const results = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: ROOT,
      input: JSON.stringify(MODES.map(described)),
      encoding: 'utf8',
    });
    expect(JSON.parse(results)).toEqual(MODES.map(() => 'valid'));
  });

  test('[OAS1] names nothing that is not there, and has nothing that is not named', () => {
    const text = JSON.stringify(DESCRIPTION);
    const refs = new Set([...text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(([, name]) => name));
    const { securitySchemes: _, ...components } = DESCRIPTION.components;
    const there = Object.entries(components).flatMap(([kind, all]) =>
      Object.keys(all).map((name) => `${kind}/${name}`),
    );
    expect([...refs].filter((ref) => ref === undefined || !there.includes(ref))).toEqual([]);
    expect(there.filter((name) => !refs.has(name))).toEqual([]);
  });

  test('[OAS3] says how one is let in, as the mode of the server is', () => {
    const security = (mode: AccessMode, id: string) =>
      Object.values(described(mode).paths)
        .flatMap((item) => Object.values(item) as Operation[])
        .find(({ operationId }) => operationId === id)?.security;
    expect(security('tokens', 'readText')).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(security('links', 'readText')).toEqual([{ bearer: [] }]);
    expect(security('links', 'createDocument')).toEqual([{}, { bearer: [] }]);
    expect(security('open', 'readText')).toEqual([{}, { bearer: [] }]);
    for (const mode of MODES) expect(security(mode, 'readDescription')).toEqual([]);
    expect(Object.keys(DESCRIPTION.components.securitySchemes)).toEqual(['bearer', 'cookie']);
  });

  test('[OAS3] no two operations have the same name', () => {
    const ids = OPERATIONS.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('each operation', () => {
  test.each(NAMED)('[OAS3] %s has a summary, a group, a role, and an example for curl', (_, operation) => {
    expect(operation.summary).toMatch(/^[A-Z]/);
    expect(operation.description).toMatch(/[.]$/);
    expect(DESCRIPTION.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...operation.tags]));
    expect(operation['x-least-role']).toMatch(/^(viewer|editor|owner|operator|anybody)/);
    expect(operation['x-codeSamples'][0]?.source).toMatch(/^curl .*\$COSCRIBE\/api/s);
  });

  test.each(NAMED)('[OAS4] %s may be refused with codes of the table, under their status', (_, operation) => {
    for (const [status, { content, description }] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue;
      const problem = content?.['application/problem+json'];
      const codes = problem?.schema.properties?.code?.enum as readonly ErrorCode[];
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) {
        expect(ERRORS[code].status).toBe(Number(status));
        expect(description).toContain(ERRORS[code].sentence);
      }
      expect(Object.keys(problem?.examples ?? {})).toEqual(codes);
    }
  });
});

describe('examples', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(DESCRIPTION as object, 'api');

  /** Sentences about examples that do not fit. */
  function misfits(at: string, schema: Schema, values: readonly unknown[]): string[] {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as Schema;
    const validate = ajv.compile(absolute);
    return values.filter((value) => !validate(value)).map((value) => `${at}: ${JSON.stringify(value)}`);
  }

  function ofMedia(at: string, { schema, example, examples = {} }: MediaType): string[] {
    const named = Object.values(examples).map((one) => ('$ref' in one ? exampleOf(one.$ref) : one.value));
    return misfits(at, schema, example === undefined ? named : [example, ...named]);
  }

  function ofParameter({ name, schema, example }: Parameter): string[] {
    return misfits(name, schema, example === undefined ? [] : [example]);
  }

  function exampleOf(ref: string): unknown {
    return DESCRIPTION.components.examples[ref.split('/').at(-1) ?? '']?.value;
  }

  test.each(Object.entries(DESCRIPTION.components.schemas))(
    '[OAS5] of the schema %s are there, and fit it',
    (name, schema) => {
      expect(schema.examples?.length).toBeGreaterThan(0);
      expect(misfits(name, { $ref: `#/components/schemas/${name}` }, schema.examples ?? [])).toEqual([]);
    },
  );

  test('[OAS5] of parameters that several operations have fit their schemas', () => {
    expect(Object.values(DESCRIPTION.components.parameters).flatMap(ofParameter)).toEqual([]);
  });

  test.each(NAMED)('[OAS5] of %s fit their schemas', (id, { parameters, requestBody, responses }) => {
    const own = parameters.filter((one): one is Parameter => !('$ref' in one));
    const bodies = Object.entries(requestBody?.content ?? {});
    const answers = Object.values(responses).flatMap(({ content = {} }) => Object.entries(content));
    expect([
      ...own.flatMap(ofParameter),
      ...[...bodies, ...answers].flatMap(([type, media]) => ofMedia(`${id} ${type}`, media)),
    ]).toEqual([]);
  });
});
