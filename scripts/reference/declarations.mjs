/**
 * Reads what a part of the package exports from the declaration files that the compiler has written: every export with its
 * docstring, its members with theirs, and the names of the types that it uses.
 *
 * TypeScript 7 has no programming interface of its own, so swc parses.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from '@swc/core';

/** Where a docstring ends and what follows begins. */
const DOCSTRING = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/;

const KINDS = {
  ClassDeclaration: 'class',
  FunctionDeclaration: 'function',
  TsInterfaceDeclaration: 'interface',
  TsTypeAliasDeclaration: 'type',
  VariableDeclaration: 'constant',
};

const files = new Map();

/** @returns the exports of a declaration file, by name: `{ name, kind, doc, code, members, heritage, uses, file }` */
export function readExports(file) {
  const { statements } = readDeclarations(file);
  return statements
    .filter(({ type }) => type === 'ExportNamedDeclaration')
    .flatMap(({ specifiers, source }) =>
      specifiers.map(({ orig, exported }) => ({
        ...find(source === null ? file : resolve(file, source.value), orig.value),
        name: (exported ?? orig).value,
      })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A declaration of a file, also one that the file has from another one. */
export function find(file, name) {
  const { declared, imported } = readDeclarations(file);
  const own = declared.get(name);
  if (own !== undefined) return own;
  const from = imported.get(name);
  if (from === undefined) throw new Error(`${file} has no ${name}`);
  return find(from.file, from.name);
}

/** Where a name that a file uses is declared; `undefined` if it comes from a package, or is TypeScript's own. */
export function origin(file, name) {
  const { declared, imported } = readDeclarations(file);
  if (declared.has(name)) return declared.get(name);
  const from = imported.get(name);
  return from?.file === undefined ? undefined : find(from.file, from.name);
}

function resolve(from, specifier) {
  if (!specifier.startsWith('.')) return undefined;
  return join(dirname(from), specifier.replace(/\.js$/, '.d.ts'));
}

function readDeclarations(file) {
  const known = files.get(file);
  if (known !== undefined) return known;
  const source = Buffer.from(`;${readFileSync(file, 'utf8')}`);
  // The parser counts bytes, and from where it was left: the first statement says from where.
  const [first, ...statements] = parseSync(source.toString(), { syntax: 'typescript', dts: true }).body;
  const slice = (start, end) => source.toString('utf8', start - first.span.start, end - first.span.start);
  const declared = new Map();
  const imported = new Map();
  let end = first.span.end;
  for (const statement of statements) {
    const doc = docstring(slice(end, statement.span.start));
    end = statement.span.end;
    const node = statement.type === 'ExportDeclaration' ? statement.declaration : statement;
    const from = resolve(file, statement.source?.value ?? '');
    for (const { local, imported: theirs, orig, exported } of statement.specifiers ?? []) {
      const name = (local ?? exported ?? orig)?.value;
      if (name !== undefined && statement.source)
        imported.set(name, { file: from, name: (theirs ?? orig ?? local).value });
    }
    if (KINDS[node.type] === undefined) continue;
    const { value: name } = node.identifier ?? node.id ?? node.declarations[0].id;
    const code = slice(statement.span.start, statement.span.end);
    const overload = declared.get(name);
    if (overload !== undefined) overload.code += `\n${code}`;
    else declared.set(name, { file, name, kind: KINDS[node.type], doc, code, ...readMembers(node, slice) });
  }
  const read = { statements, declared, imported };
  files.set(file, read);
  return read;
}

function readMembers(node, slice) {
  const uses = new Set();
  collectTypes(node, uses);
  const [body, beginning] = Array.isArray(node.body)
    ? [node.body, node.span.start]
    : [node.body?.body ?? [], node.body?.span.start ?? 0];
  let end = beginning;
  const members = [];
  for (const member of body) {
    const between = slice(end, member.span.start);
    end = member.span.end;
    if (member.type === 'PrivateProperty' || member.accessibility === 'private') continue;
    const code = slice(member.span.start, member.span.end).replace(/^#.*/, '');
    if (code === '') continue;
    // Before the first member of a class stands its head, in which no docstring is.
    members.push({ name: member.key?.value ?? 'constructor', code, doc: docstring(between) });
  }
  const parents = [...(node.extends ?? []), ...(node.implements ?? [])].map((parent) =>
    slice(parent.span.start, parent.span.end),
  );
  if (node.superClass) parents.unshift(slice(node.superClass.span.start, superEnd(node)));
  return { members, heritage: parents, uses };
}

function superEnd({ superClass, superTypeParams }) {
  return (superTypeParams ?? superClass).span.end;
}

/** Names of types, without what is private. */
function collectTypes(node, found) {
  if (typeof node !== 'object' || node === null) return;
  if (node.accessibility === 'private') return;
  if (node.type === 'TsTypeReference' || node.type === 'TsExpressionWithTypeArguments') {
    const name = node.typeName ?? node.expression;
    if (name.type === 'Identifier') found.add(name.value);
  }
  for (const child of Object.values(node)) collectTypes(child, found);
}

/** The text of the docstring at the end of what stands between two things, without its stars; empty if there is none. */
function docstring(between) {
  const [, text = ''] = DOCSTRING.exec(between) ?? [];
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
