import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkPages } from './doc-pages.js';
import { type Outcome, run } from './doc-run.js';
import { checkServer } from './doc-server.js';
import { ROOT, readProjectFile } from './project-files.js';

/**
 * Code in Markdown that a test holds. A fenced block says after its language what happens to it:
 *
 *     ts run          type-checked, then run by Node in an empty folder; must exit with 0
 *     ts check        type-checked only
 *     ts serve        type-checked, then run as a server on a free port instead of 8080; two clients write in a document of
 *                     it. What follows is their token, if they need one. The `html page` before it is its `index.html`
 *     ts page         type-checked, then put into a page with one <textarea> and one <output>, that two people open
 *     ts from PATH    stands so in that file, which other tests run; what lies between is left out
 *     html page       opened by two people, from a server at http://localhost:8080; what one types, the other sees
 *     sh run          run by bash (-euo pipefail) in an empty folder; must exit with 0
 *
 * Every block stands alone. TypeScript imports the package by its own name, as users do; it must have been built.
 */
export interface DocBlock {
  /** The document and the count of the block in it: `README.md, block 2`. */
  readonly name: string;
  readonly document: string;
  readonly language: string;
  /** What stands after the language, its first word; empty if nothing does. */
  readonly mark: string;
  /** What follows that. */
  readonly given: string;
  readonly code: string;
}

const MARKS: Readonly<Record<string, readonly string[]>> = {
  ts: ['run', 'check', 'serve', 'page', 'from'],
  html: ['', 'page'],
  sh: ['', 'run'],
};

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*(\S*)[ \t]*(.*?)[ \t]*\n([\s\S]*?)^\1\2[ \t]*$/gm;

export function docBlocks(document: string, text: string): DocBlock[] {
  return [...text.matchAll(FENCE)].map(([, indent = '', , language = '', marks = '', code = ''], at) => {
    const [mark = '', ...given] = marks.split(' ');
    return {
      name: `${document}, block ${at + 1}`,
      document,
      language,
      mark,
      given: given.join(' '),
      code: code.replace(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}

/**
 * Checks and runs the blocks as their marks say.
 *
 * @param scripts names of the package's scripts, which `npm run` in any shell block may use
 * @returns one text for every block that is wrong: its name and what went wrong
 */
export async function checkDocCode(
  blocks: readonly DocBlock[],
  scripts: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const block of blocks) {
    const { name, language, mark } = block;
    if (MARKS[language]?.includes(mark) === false)
      problems.push(`${name}: "${language} ${mark}" is no known mark`);
    if (['js', 'javascript', 'typescript', 'bash'].includes(language))
      problems.push(`${name}: write "ts" or "sh", so that it is held by a test`);
    if (language === 'sh') problems.push(...unknownScripts(block, scripts));
    if (mark === 'from') problems.push(...missingLines(block));
  }
  const typescript = blocks.filter(
    ({ language, mark }) => language === 'ts' && MARKS.ts?.includes(mark) && mark !== 'from',
  );
  const shell = blocks.filter(({ language, mark }) => language === 'sh' && mark === 'run');
  const pages = blocks.filter(({ language, mark }) => language === 'html' && mark === 'page');

  mkdirSync(join(ROOT, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.tmp', 'doc-code-'));
  try {
    const compiled = await compile(typescript, folder);
    problems.push(...compiled.problems);
    for (const { block, file } of compiled.sound) problems.push(...(await runSound(block, file, blocks)));
    const shown = [
      ...pages.map(({ name, code }) => ({ name, html: code })),
      ...compiled.sound
        .filter(({ block }) => block.mark === 'page')
        .map(({ block: { name }, file }) => ({ name, script: file })),
    ];
    if (shown.length > 0) problems.push(...(await checkPages(shown)));
    for (const block of shell)
      problems.push(...(await runIn(folder, block, 'bash', ['-euo', 'pipefail', '-c', block.code])));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return problems;
}

function unknownScripts(block: DocBlock, scripts: readonly string[]): string[] {
  const named = [...block.code.matchAll(/\bnpm run (?:-\S+ )*([\w:-]+)/g)].map((match) => match[1] ?? '');
  return named
    .filter((script) => !scripts.includes(script))
    .map((script) => `${block.name}: there is no script "${script}" in package.json`);
}

function missingLines({ name, given, code }: DocBlock): string[] {
  const lines = readProjectFile(given).split('\n');
  let at = 0;
  const missing = code.split('\n').find((line) => {
    if (line.trim() === '') return false;
    at = lines.indexOf(line, at) + 1;
    return at === 0;
  });
  return missing === undefined ? [] : [`${name}: ${given} does not have, there: ${missing}`];
}

/** A block whose types are right, and what it was compiled to. */
interface SoundBlock {
  readonly block: DocBlock;
  readonly file: string;
}

async function compile(
  blocks: readonly DocBlock[],
  folder: string,
): Promise<{ readonly problems: string[]; readonly sound: readonly SoundBlock[] }> {
  if (blocks.length === 0) return { problems: [], sound: [] };
  const source = (at: number): string => `block-${at + 1}`;
  // Blocks are modules even if they import nothing, so that their names do not meet.
  for (const [at, { code }] of blocks.entries())
    writeFileSync(join(folder, `${source(at)}.ts`), `${code}\nexport {};\n`);
  const config = {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      composite: false,
      declaration: false,
      sourceMap: false,
      rootDir: '.',
      outDir: '.',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: ['node'],
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files: blocks.map((_, at) => `${source(at)}.ts`),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = await run(folder, process.execPath, [compiler, '-p', folder, '--pretty', 'false']);

  const problems: string[] = [];
  const sound: SoundBlock[] = [];
  for (const [at, block] of blocks.entries()) {
    const errors = compiled.output.split('\n').filter((line) => line.includes(`${source(at)}.ts(`));
    if (errors.length > 0) problems.push(`${block.name}: ${errors.join('\n')}`);
    else sound.push({ block, file: join(folder, `${source(at)}.js`) });
  }
  if (!compiled.ok && problems.length === 0) problems.push(`the code of the documents: ${compiled.output}`);
  return { problems, sound };
}

async function runSound(block: DocBlock, file: string, all: readonly DocBlock[]): Promise<string[]> {
  if (block.mark === 'run') return runIn(dirname(file), block, process.execPath, [file]);
  if (block.mark === 'serve') return checkServer({ ...block, file, index: pageBefore(block, all) });
  return [];
}

function pageBefore(block: DocBlock, all: readonly DocBlock[]): string | undefined {
  return all.slice(0, all.indexOf(block)).findLast(({ document, language, mark }) => {
    return document === block.document && language === 'html' && mark === 'page';
  })?.code;
}

async function runIn(
  folder: string,
  block: DocBlock,
  command: string,
  args: readonly string[],
): Promise<string[]> {
  const { ok, output }: Outcome = await run(mkdtempSync(join(folder, 'run-')), command, args);
  return ok ? [] : [`${block.name}: ${output}`];
}
