import type { AccessMode } from '../../auth/access.js';
import { curlSample } from './code-sample.js';
import { COMMON_CODES } from './codes.js';
import { HEADERS, headersOf } from './headers.js';
import { introduction } from './introduction.js';
import type { OpenApi, Operation, Parameter, PathItem, Reference, Security } from './openapi.js';
import { PARAMETERS } from './parameters.js';
import { ADMIN_PATHS } from './paths/admin-paths.js';
import { ARCHIVE_PATHS } from './paths/archive-paths.js';
import { DESCRIPTION_PATHS } from './paths/description-paths.js';
import { DOCUMENT_PATHS } from './paths/document-paths.js';
import { EVENT_PATHS } from './paths/event-paths.js';
import { LINK_PATHS } from './paths/link-paths.js';
import { READ_PATHS } from './paths/read-paths.js';
import { WRITE_PATHS } from './paths/write-paths.js';
import { type ApiFacts, type Plan, TAGS } from './plan.js';
import { refusalExamples, refusalsOf } from './refusals.js';
import { schemaRef } from './schema-ref.js';
import { ACCESS_SCHEMAS } from './schemas/access-schemas.js';
import { ADMIN_SCHEMAS } from './schemas/admin-schemas.js';
import { ARCHIVE_SCHEMAS } from './schemas/archive-schemas.js';
import { CONTENT_SCHEMAS } from './schemas/content-schemas.js';
import { DOCUMENT_SCHEMAS } from './schemas/document-schemas.js';
import { EVENT_SCHEMAS } from './schemas/event-schemas.js';
import { securityOf, securitySchemes } from './security.js';

const PLANS: readonly Plan[] = [
  ...DOCUMENT_PATHS,
  ...READ_PATHS,
  ...WRITE_PATHS,
  ...EVENT_PATHS,
  ...ARCHIVE_PATHS,
  ...LINK_PATHS,
  ...ADMIN_PATHS,
  ...DESCRIPTION_PATHS,
];

export interface DescribedServer {
  readonly version: string;
  readonly mode: AccessMode;
  /** Where the API is, without `/api`: an address, or a path on the host that the description comes from. */
  readonly serverUrl: string;
  readonly facts: ApiFacts;
}

/** The description of the HTTP API in OpenAPI 3.1. */
export function describeApi({ version, mode, serverUrl, facts }: DescribedServer): OpenApi {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Coscribe',
      version,
      summary: 'Documents that many people write in at the same time, over HTTP.',
      description: introduction(mode, facts),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: serverUrl, description: 'This server' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: pathsOf(mode),
    components: {
      schemas: {
        ...DOCUMENT_SCHEMAS,
        ...CONTENT_SCHEMAS,
        ...EVENT_SCHEMAS,
        ...ARCHIVE_SCHEMAS,
        ...ACCESS_SCHEMAS,
        ...ADMIN_SCHEMAS,
      },
      parameters: PARAMETERS,
      headers: HEADERS,
      examples: refusalExamples(PLANS.flatMap(codesOf)),
      securitySchemes: securitySchemes(mode),
    },
  };
}

function pathsOf(mode: AccessMode): Readonly<Record<string, PathItem>> {
  const paths: Record<string, PathItem> = {};
  for (const plan of PLANS)
    paths[plan.path] = { ...paths[plan.path], [plan.method]: operationOf(plan, securityOf(mode, plan)) };
  return paths;
}

function operationOf(plan: Plan, security: Security): Operation {
  const { operationId, tag, summary, description, role, parameters = [], body, answers } = plan;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    'x-least-role': role,
    security,
    parameters,
    ...(body !== undefined && { requestBody: body }),
    responses: { ...answers, ...elsewhereOf(plan), ...refusalsOf(codesOf(plan)) },
    'x-codeSamples': [curlSample(plan, parameters.map(resolved))],
  };
}

/** For whoever asks for a document by a name that it had. */
function elsewhereOf(plan: Plan): Operation['responses'] {
  if (!plan.path.startsWith('/api/documents/{workspace}/{name}')) return {};
  const description = 'The document has another name now: the same request is to be sent there.';
  const content = { 'application/problem+json': { schema: schemaRef('Moved') } };
  return { '308': { description, headers: headersOf('Location'), content } };
}

function codesOf({ forAll, codes }: Plan): Plan['codes'] {
  return forAll === true ? codes : [...COMMON_CODES, ...codes];
}

function resolved(parameter: Parameter | Reference): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const found = Object.entries(PARAMETERS).find(([name]) => parameter.$ref.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`there is no ${parameter.$ref}`);
  return found[1];
}
