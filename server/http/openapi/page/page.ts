import { METHODS, type OpenApi } from '../openapi.js';
import { type Html, html, inline, prose } from './html.js';
import { operationMarkup, type Placed } from './operation-markup.js';
import { schemaMarkup } from './schema-markup.js';

/** The description as a page for people: without scripts, with an anchor for each operation and each schema. */
export function pageOf(description: OpenApi): string {
  const { info, tags, components } = description;
  const operations = placed(description);
  const schemas = Object.entries(components.schemas);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HTTP API – Coscribe</title>
<link rel="icon" type="image/svg+xml" href="api/openapi.svg">
<link rel="stylesheet" href="api/openapi.css">
</head>
<body>
<a class="skip" href="#introduction">Skip to the text</a>
<header class="masthead">
<span class="brand"><img src="api/openapi.svg" alt="" width="32" height="32"><span>Coscribe</span></span>
<span class="hint">${info.version}</span>
</header>
<div class="columns">
<nav aria-label="Operations">
${tags.map(({ name }) => contentsOf(name, operations))}
<h2><a href="#schemas">Schemas</a></h2>
</nav>
<main id="introduction">
<h1>HTTP API.</h1>
<p class="lead">${info.summary}</p>
${prose(info.description)}
<p>In the examples <code>COSCRIBE</code> is the address of the server and <code>TOKEN</code> what you come with. For programs there is the same in <a href="api/openapi.json">OpenAPI 3.1</a>.</p>
${tags.map(
  ({ name, description: about }) => html`<section class="group" id="${name}">
<h2><a href="#${name}">${name}</a></h2>
<p>${inline(about)}</p>
${of(name, operations).map((one) => operationMarkup(one, description))}
</section>
`,
)}
<section class="group" id="schemas">
<h2><a href="#schemas">Schemas</a></h2>
<p>What is in bodies and answers.</p>
${schemas.map(([name, schema]) => schemaMarkup(name, schema))}
</section>
</main>
</div>
</body>
</html>
`.text;
}

function contentsOf(tag: string, operations: readonly Placed[]): Html {
  const lines = of(tag, operations).map(
    ({ operation: { operationId, summary } }) => html`<li><a href="#${operationId}">${summary}</a></li>`,
  );
  return html`<h2><a href="#${tag}">${tag}</a></h2><ul>${lines}</ul>
`;
}

function of(tag: string, operations: readonly Placed[]): readonly Placed[] {
  return operations.filter(({ operation }) => operation.tags.includes(tag));
}

function placed({ paths }: OpenApi): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}
