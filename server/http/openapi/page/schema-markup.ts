import type { Example, Schema } from '../openapi.js';
import { type Html, html, inline } from './html.js';

/** What a value may be, in few words, with links to the schemas that it names. */
export function typeMarkup(schema: Schema): Html {
  const { $ref, type, items, oneOf } = schema;
  if ($ref !== undefined) return linkTo($ref);
  if (oneOf !== undefined) return joined(oneOf.map(typeMarkup), ' or ');
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined)
    return joined(
      schema.enum.map((value) => html`<code>${String(value)}</code>`),
      ', ',
    );
  if (type === 'array' && items !== undefined) return html`array of ${typeMarkup(items)}`;
  const name = type === undefined ? 'any JSON' : [type].flat().join(' or ');
  return html`${name}${boundsOf(schema)}`;
}

/** A schema of `components`, with what is in it. */
export function schemaMarkup(name: string, schema: Schema): Html {
  const { description, oneOf, examples = [] } = schema;
  return html`<section class="schema" id="schema-${name}">
<h3><a href="#schema-${name}">${name}</a></h3>
${description === undefined ? [] : html`<p>${inline(description)}</p>`}
${oneOf === undefined ? contentMarkup(schema) : oneOf.map((one) => contentMarkup(one))}
${examples.map((value) => codeMarkup(value)).slice(0, 1)}
</section>
`;
}

/** Something as it travels: JSON with one thing on a line where that fits no single line. */
export function codeMarkup(value: unknown): Html {
  return html`<pre tabindex="0"><code>${typeof value === 'string' ? value : tidy(value)}</code></pre>`;
}

/** The first example of what has some. */
export function firstExample(schema: Schema, schemas: Readonly<Record<string, Schema>>): Example | undefined {
  const found = schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1) ?? ''];
  const [value] = found?.examples ?? [];
  return value === undefined ? undefined : { summary: 'For example', value };
}

function tidy(value: unknown): string {
  const line = JSON.stringify(value);
  return line.length <= 64 ? line : JSON.stringify(value, undefined, 2);
}

function contentMarkup(schema: Schema): Html {
  const { properties, required = [], title } = schema;
  if (properties === undefined) return html`<p class="type">${typeMarkup(schema)}</p>`;
  const heading = title === undefined ? [] : html`<h4>${title}</h4>`;
  const rows = Object.entries(properties).map(
    ([field, value]) => html`<div class="row">
<dt><code>${field}</code> <span class="hint">${required.includes(field) ? '' : 'may be absent'}</span></dt>
<dd><span class="type">${typeMarkup(value)}</span> ${inline(value.description ?? '')}</dd>
</div>`,
  );
  return html`${heading}<dl class="fields">${rows}</dl>`;
}

function boundsOf(schema: Schema): string {
  const { format, minimum, maximum, minLength, maxLength } = schema;
  const range = rangeOf(minimum, maximum);
  const length = minLength === 1 && maxLength === undefined ? 'not empty' : lengthOf(minLength, maxLength);
  return [
    format === undefined ? '' : ` (${format})`,
    range === '' ? '' : `, ${range}`,
    length === '' ? '' : `, ${length}`,
  ].join('');
}

function lengthOf(least: number | undefined, most: number | undefined): string {
  const range = rangeOf(least, most);
  return range === '' ? '' : `${range} characters`;
}

function rangeOf(least: number | undefined, most: number | undefined): string {
  if (least === undefined && most === undefined) return '';
  if (least === undefined) return `at most ${most}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}

function linkTo(ref: string): Html {
  const name = ref.split('/').at(-1) ?? '';
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(parts: readonly Html[], between: string): Html {
  return html`${parts.map((part, at) => (at === 0 ? part : html`${between}${part}`))}`;
}
