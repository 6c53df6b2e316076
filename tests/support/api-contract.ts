import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type {
  Answer,
  Header,
  Method,
  OpenApi,
  Operation,
  PathItem,
  Reference,
} from '../../server/http/openapi/openapi.js';

/** An answer, and what it answers. */
export interface Answered {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface Told {
  readonly path: string;
  readonly method: Method;
  readonly operation: Operation;
}

/** Headers by which a client decides something: none of them is sent unless that is described. */
const TELLING = ['etag', 'location', 'retry-after', 'idempotency-replayed', 'content-disposition', 'allow'];

/** Looks whether answers are what the description of the API says of them. */
export class ApiContract {
  private readonly ajv: Ajv2020;
  private readonly validators = new Map<string, ValidateFunction>();
  /** Operations, with the status of an answer that was as described. */
  private readonly seen = new Set<string>();

  constructor(private readonly description: OpenApi) {
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(this.ajv);
    this.ajv.addSchema(closed(description) as object, 'api');
  }

  /** @throws Error with everything that is not as described */
  check(answered: Answered): void {
    const problems = this.problemsWith(answered);
    if (problems.length === 0) return;
    const { method, path, status, body } = answered;
    const text = Buffer.from(body).toString().slice(0, 400);
    throw new Error([`${method} ${path} → ${status} ${text}`, ...problems].join('\n  '));
  }

  /** Operations that have not been answered in each of the ways that go well. */
  get missing(): string[] {
    const good = this.told.flatMap(({ operation: { operationId, responses } }) =>
      Object.keys(responses)
        .filter((status) => Number(status) < 400)
        .map((status) => `${operationId} ${status}`),
    );
    return good.filter((one) => !this.seen.has(one));
  }

  private get told(): readonly Told[] {
    return Object.entries(this.description.paths).flatMap(([path, item]: [string, PathItem]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method: method as Method, operation })),
    );
  }

  private problemsWith(answered: Answered): string[] {
    const method = (answered.method === 'HEAD' ? 'GET' : answered.method).toLowerCase();
    const found = this.told.find((one) => one.method === method && fits(one.path, answered.path));
    if (found === undefined) return [`${method} ${answered.path} is not described`];
    const { path, operation } = found;
    const answer = operation.responses[answered.status];
    if (answer === undefined) return [`${operation.operationId} does not tell of ${answered.status}`];
    const at = `api#/paths/${escaped(path)}/${method}/responses/${answered.status}`;
    const problems = [...this.headerProblems(answered, answer), ...this.bodyProblems(answered, answer, at)];
    if (problems.length === 0) this.seen.add(`${operation.operationId} ${answered.status}`);
    return problems;
  }

  private headerProblems({ headers }: Answered, { headers: told = {} }: Answer): string[] {
    const names = new Set(Object.keys(told).map((name) => name.toLowerCase()));
    const untold = TELLING.filter((name) => headers[name] !== undefined && !names.has(name));
    const problems = untold.map((name) => `nothing is told of the header ${name}: ${headers[name]}`);
    for (const [name, either] of Object.entries(told)) {
      const header = this.headerOf(either);
      const value = headers[name.toLowerCase()];
      if (value === undefined && header.required) problems.push(`the header ${name} is not there`);
      if (value !== undefined && !this.ajv.validate(header.schema, value))
        problems.push(`the header ${name} is ${value}: ${this.ajv.errorsText()}`);
    }
    return problems;
  }

  private bodyProblems({ method, headers, body }: Answered, { content = {} }: Answer, at: string): string[] {
    const types = Object.keys(content);
    const type = headers['content-type'];
    if (types.length === 0) return body.length === 0 && type === undefined ? [] : ['there is a body'];
    if (type === undefined || !types.includes(type))
      return [`the body is ${type}, and not ${types.join(', ')}`];
    if (method === 'HEAD') return body.length === 0 ? [] : ['HEAD has a body'];
    const text = Buffer.from(body).toString();
    const ofType = `${at}/content/${escaped(type)}`;
    const events = content[type]?.['x-events'];
    if (events !== undefined)
      return eventsIn(text).flatMap(({ name, data }) =>
        Object.hasOwn(events, name)
          ? this.misfits(`${ofType}/x-events/${name}`, data)
          : [`nothing is told of the event ${name}`],
      );
    return /^application\/(problem\+)?json$/.test(type) ? this.misfits(`${ofType}/schema`, text) : [];
  }

  private misfits(schema: string, json: string): string[] {
    const validate = this.validatorOf(schema);
    if (validate(JSON.parse(json))) return [];
    return [this.ajv.errorsText(validate.errors, { separator: '\n  ' })];
  }

  private headerOf(either: Header | Reference): Header {
    if (!('$ref' in either)) return either;
    const found = this.description.components.headers[either.$ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`there is no ${either.$ref}`);
    return found;
  }

  private validatorOf($ref: string): ValidateFunction {
    const known = this.validators.get($ref) ?? this.ajv.compile({ $ref });
    this.validators.set($ref, known);
    return known;
  }
}

/** Server-sent events that have come as a whole. */
function eventsIn(text: string): readonly { readonly name: string; readonly data: string }[] {
  const whole = text.split('\n\n').slice(0, -1);
  return whole.flatMap((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    return data === undefined ? [] : [{ name: /^event: (.*)$/m.exec(event)?.[1] ?? 'message', data }];
  });
}

/** The same with schemas that let nothing pass which they don't name: clients of today may meet more, but what is told is all. */
function closed(part: unknown, key = ''): unknown {
  if (typeof part !== 'object' || part === null || key === 'example' || key === 'examples') return part;
  if (Array.isArray(part)) return part.map((one) => closed(one));
  const inner = Object.fromEntries(Object.entries(part).map(([name, one]) => [name, closed(one, name)]));
  const open =
    inner.type === 'object' && inner.properties !== undefined && inner.additionalProperties === undefined;
  return open ? { ...inner, additionalProperties: false } : inner;
}

function fits(template: string, path: string): boolean {
  const [told, asked] = [template.split('/'), path.split('/')];
  return told.length === asked.length && told.every((part, at) => part.startsWith('{') || part === asked[at]);
}

/** Part of a JSON pointer in an address. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
