import { ERRORS, type ErrorCode } from '../../../../shared/errors.js';
import type { Answer, MediaType, Method, OpenApi, Operation, Parameter, Schema } from '../openapi.js';
import { type Html, html, inline, prose } from './html.js';
import { codeMarkup, firstExample, typeMarkup } from './schema-markup.js';

/** An operation, and where it is. */
export interface Placed {
  readonly path: string;
  readonly method: Method;
  readonly operation: Operation;
}

/** Everything about one operation. */
export function operationMarkup({ path, method, operation }: Placed, { components }: OpenApi): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const taken = parameters.map((one) => ('$ref' in one ? found(components.parameters, one.$ref) : one));
  const bodies = Object.entries(requestBody?.content ?? {});
  const good = Object.entries(responses).filter(([status]) => Number(status) < 400);
  return html`<section class="operation" id="${operationId}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="address"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></p>
${prose(description)}
<p class="hint">Who may: ${operation['x-least-role']}.</p>
${taken.length === 0 ? [] : html`<h4>Parameters</h4><dl class="fields">${taken.map(parameterMarkup)}</dl>`}
${bodies.map(([type, media]) => html`<h4>Body</h4><p>${inline(requestBody?.description ?? '')}</p>${mediaMarkup(type, media, components.schemas)}`)}
<h4>curl</h4>
${operation['x-codeSamples'].map(({ source }) => codeMarkup(source))}
<h4>Answer</h4>
${good.map(([status, answer]) => answerMarkup(status, answer, components.schemas))}
${refusalsMarkup(responses)}
</section>
`;
}

function parameterMarkup({ name, in: where, required, description, schema }: Parameter): Html {
  const standard =
    schema.default === undefined ? [] : html` Unless given: <code>${String(schema.default)}</code>.`;
  return html`<div class="row">
<dt><code>${name}</code> <span class="hint">${where}${required === true ? '' : ', may be absent'}</span></dt>
<dd><span class="type">${typeMarkup(schema)}</span> ${inline(description)}${standard}</dd>
</div>`;
}

function answerMarkup(status: string, answer: Answer, schemas: Readonly<Record<string, Schema>>): Html {
  const headers = Object.keys(answer.headers ?? {});
  const named = headers.map((name) => html` <code>${name}</code>`);
  return html`<p><span class="status">${status}</span> ${inline(answer.description)}${
    headers.length === 0 ? [] : html` <span class="hint">Headers:${named}</span>`
  }</p>
${Object.entries(answer.content ?? {}).map(([type, media]) => mediaMarkup(type, media, schemas))}`;
}

function mediaMarkup(type: string, media: MediaType, schemas: Readonly<Record<string, Schema>>): Html {
  const example = media.example ?? firstExample(media.schema, schemas)?.value;
  const events = Object.entries(media['x-events'] ?? {}).map(
    ([name, schema]) =>
      html`<div class="row"><dt><code>${name}</code></dt><dd>${typeMarkup(schema)}</dd></div>`,
  );
  return html`<p class="hint"><code>${type}</code> ${media.schema.$ref === undefined ? [] : typeMarkup(media.schema)}</p>
${events.length === 0 ? [] : html`<dl class="fields">${events}</dl>`}
${example === undefined ? [] : codeMarkup(example)}`;
}

/** A line for each code with which the operation may be refused. */
function refusalsMarkup(responses: Operation['responses']): Html | readonly Html[] {
  const codes = Object.values(responses).flatMap(({ content }) =>
    Object.keys(content?.['application/problem+json']?.examples ?? {}),
  );
  if (codes.length === 0) return [];
  const rows = codes.map((code) => {
    const { status, retryable, sentence } = ERRORS[code as ErrorCode];
    return html`<tr><td>${status}</td><td><code>${code}</code></td><td>${retryable ? 'yes' : 'no'}</td><td>${sentence}</td></tr>`;
  });
  return html`<details>
<summary>${codes.length} ways to be refused</summary>
<table>
<thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">Retryable</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</details>`;
}

function found(parameters: Readonly<Record<string, Parameter>>, ref: string): Parameter {
  const parameter = parameters[ref.split('/').at(-1) ?? ''];
  if (parameter === undefined) throw new Error(`there is no ${ref}`);
  return parameter;
}
