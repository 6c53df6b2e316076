import { BASE_STYLE } from './base-style.js';

/** The style of the page at `/api`. */
export const STYLE = `${BASE_STYLE}
.masthead,
.columns {
  max-width: 1120px;
  margin-inline: auto;
}

.masthead {
  display: flex;
  align-items: center;
  justify-content: space-between;
  padding-block: 20px;
}

.brand {
  display: inline-flex;
  align-items: center;
  gap: 10px;
  font-size: 1.0625rem;
  font-weight: 650;
  letter-spacing: -0.01em;
}

.columns {
  display: grid;
  grid-template-columns: 220px minmax(0, 1fr);
  gap: 56px;
  padding-block: 24px 96px;
}

nav {
  position: sticky;
  inset-block-start: 0;
  align-self: start;
  max-height: 100dvh;
  padding-block: 12px 32px;
  overflow: auto;
  font-size: 0.875rem;
}

nav ul {
  margin-block: 4px 16px;
  list-style: none;
}

nav li a {
  display: block;
  padding-block: 3px;
}

nav a,
h2 a,
h3 a {
  color: inherit;
  text-decoration: none;
}

nav li a {
  color: var(--ink-soft);
}

nav a:hover,
h2 a:hover,
h3 a:hover {
  color: var(--accent);
  text-decoration: underline;
}

nav h2 {
  font-size: 0.875rem;
}

main h1 {
  font: 500 clamp(2.25rem, 6vw, 3.25rem) / 1.08 var(--serif);
  letter-spacing: -0.02em;
}

.lead {
  margin-block: 14px 24px;
  color: var(--ink-soft);
  font-size: 1.125rem;
}

main p {
  max-width: 44em;
  margin-block-end: 12px;
  text-wrap: pretty;
}

.group {
  padding-block-start: 48px;
}

.group > h2 {
  margin-block-end: 4px;
  font: 500 1.75rem / 1.2 var(--serif);
}

.operation,
.schema {
  margin-block-start: 20px;
  padding: clamp(16px, 3vw, 28px);
  border: 1px solid var(--line);
  border-radius: 14px;
  background: var(--sheet);
}

:target {
  border-color: var(--accent);
}

h3 {
  margin-block-end: 6px;
  font-size: 1.1875rem;
  line-height: 1.3;
}

h4 {
  margin-block: 20px 6px;
  font-size: 0.875rem;
}

.method {
  display: inline-block;
  margin-inline-end: 6px;
  padding: 1px 8px;
  border-radius: 6px;
  background: var(--accent-wash);
  color: var(--accent);
  font: 650 0.8125rem / 1.6 var(--mono);
}

.method.get {
  color: var(--good);
}

.method.delete {
  color: var(--bad);
}

.method.put,
.method.patch {
  color: var(--warn);
}

.status {
  font: 650 0.9em var(--mono);
}

.type {
  color: var(--ink-soft);
}

.fields {
  margin-block-end: 12px;
  border-block-start: 1px solid var(--line);
  font-size: 0.9375rem;
}

.row {
  display: grid;
  grid-template-columns: 190px minmax(0, 1fr);
  gap: 4px 20px;
  padding-block: 8px;
  border-block-end: 1px solid var(--line);
}

.fields .hint {
  font-size: 0.8125rem;
}

.type:not(:empty)::after {
  content: ".";
}

pre {
  max-height: 420px;
  margin-block-end: 12px;
  padding: 14px 16px;
  border-radius: var(--round);
  background: var(--canvas);
  font: 0.8125rem / 1.5 var(--mono);
  overflow: auto;
  overflow-wrap: normal;
}

pre code {
  font-size: inherit;
}

summary {
  width: fit-content;
  margin-block-start: 16px;
  padding-block: 4px;
  color: var(--accent);
  cursor: pointer;
}

table {
  width: 100%;
  margin-block-start: 8px;
  border-collapse: collapse;
  font-size: 0.875rem;
  text-align: start;
}

th,
td {
  padding: 6px 14px 6px 0;
  border-block-end: 1px solid var(--line);
  text-align: start;
  vertical-align: baseline;
}

th,
td:nth-child(2) {
  white-space: nowrap;
}

@media (max-width: 760px) {
  .columns {
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
    padding-block-start: 0;
  }

  nav {
    position: static;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    max-height: none;
    padding-block: 4px;
  }

  nav h2 a {
    display: inline-block;
    padding-block: 6px;
    color: var(--accent);
  }

  nav ul {
    display: none;
  }

  .row {
    grid-template-columns: minmax(0, 1fr);
  }

  thead {
    display: none;
  }

  tr {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 2px 10px;
    padding-block: 8px;
    border-block-end: 1px solid var(--line);
  }

  td {
    padding: 0;
    border: 0;
  }

  td:nth-child(2) {
    white-space: normal;
  }

  td:nth-child(3)::before {
    content: "retryable: ";
  }

  td:nth-child(4) {
    grid-column: 1 / -1;
  }
}
`;
