import { posix } from 'node:path';
import { callArguments, isNode, literalText, parseTypeScript, type SyntaxNode, walk } from './syntax.js';

/** Source files: path from the root of the repository (with `/`) -> text. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** The file with the import. */
  readonly from: string;
  /** What stands in the quotes; `undefined` when it is computed and nobody can tell. */
  readonly specifier: string | undefined;
  /** For a relative import: the source file that it means, if there is such a file. */
  readonly file: string | undefined;
}

/**
 * All imports of all sources: static and dynamic, of values and of types, re-exports, `require`, and files that
 * are started as a worker.
 */
export function readImports(sources: Sources): Import[] {
  return [...sources].flatMap(([from, text]) =>
    specifiersOf(text).map((specifier) => ({ from, specifier, file: resolve(from, specifier, sources) })),
  );
}

/** Name of the package that an import takes: `lib0` for `lib0/decoding`, `node:` for Node's own modules. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** One sentence for each circle of imports, types included. */
export function findCycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, file } of imports) if (file) targets.set(from, [...(targets.get(from) ?? []), file]);

  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`circle: ${[...path.slice(start), file].join(' -> ')}`);
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}

function specifiersOf(text: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  walk(parseTypeScript(text), (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        found.push(literalText(node.source));
        break;
      case 'ExportNamedDeclaration':
        if (isNode(node.source)) found.push(literalText(node.source));
        break;
      case 'TsImportType':
        found.push(literalText(node.argument));
        break;
      case 'TsExternalModuleReference':
        found.push(literalText(node.expression));
        break;
      case 'CallExpression':
        if (isNode(node.callee) && (node.callee.type === 'Import' || node.callee.value === 'require')) {
          found.push(literalText(callArguments(node)[0]));
        }
        break;
    }
    const worker = besideThisFile(node);
    if (worker) found.push(worker);
    return undefined;
  });
  return found;
}

/**
 * `./file.js` in `new URL('./file.js', import.meta.url)` and in calls that are given the same two things: code that
 * is started as a worker. A path with another ending is data.
 */
function besideThisFile(call: SyntaxNode): string | undefined {
  const given = callArguments(call);
  const here = given.some(
    (value) =>
      isNode(value) &&
      value.type === 'MemberExpression' &&
      isNode(value.object) &&
      value.object.type === 'MetaProperty',
  );
  const path = here ? given.map(literalText).find((text) => text?.startsWith('.')) : undefined;
  return path?.endsWith('.js') ? path : undefined;
}

function resolve(from: string, specifier: string | undefined, sources: Sources): string | undefined {
  if (!specifier?.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  return sources.has(path) ? path : undefined;
}
