import { parseSync } from '@swc/core';

/** A node of swc's syntax tree; only its type is common to all. */
export interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** @throws Error if the text is not TypeScript. */
export function parseTypeScript(text: string): SyntaxNode {
  return parseSync(text, { syntax: 'typescript', target: 'es2022' }) as unknown as SyntaxNode;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** Calls `visit` with every node from the outside in; where it answers `false`, what is inside is passed over. */
export function walk(value: unknown, visit: (node: SyntaxNode) => boolean | undefined): void {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value) && visit(value) === false) return;
  for (const child of Object.values(value)) walk(child, visit);
}

/** The expressions that a call or a `new` is given. */
export function callArguments(call: SyntaxNode): unknown[] {
  const list = Array.isArray(call.arguments) ? call.arguments : [];
  return list.map((argument: { expression?: unknown }) => argument.expression);
}

/** The text of a string literal, or of a template without places to fill in; otherwise `undefined`. */
export function literalText(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'StringLiteral') return value.value as string;
  if (value.type !== 'TemplateLiteral') return undefined;
  const quasis = value.quasis as { cooked: string }[];
  return quasis.length === 1 ? quasis[0]?.cooked : undefined;
}
