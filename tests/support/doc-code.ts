import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project-files.js';

/**
 * Code in Markdown that a test holds. A fenced block says after its language what happens to it:
 *
 *     ts run     type-checked, then run by Node in an empty folder; must exit with 0
 *     ts check   type-checked only (code for a page, servers that do not end)
 *     sh run     run by bash (-euo pipefail) in an empty folder; must exit with 0
 *
 * Every block stands alone. TypeScript imports the package by its own name, as users do; it must have been built.
 */
export interface DocBlock {
  /** The document and the count of the block in it: `README.md, block 2`. */
  readonly name: string;
  readonly language: string;
  /** What stands after the language; empty if nothing does. */
  readonly mark: string;
  readonly code: string;
}

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** How long one block may run, in milliseconds. */
const MAX_RUN = 20_000;

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*(\S*)[ \t]*(.*?)[ \t]*\n([\s\S]*?)^\1\2[ \t]*$/gm;

export function docBlocks(document: string, text: string): DocBlock[] {
  return [...text.matchAll(FENCE)].map(([, indent = '', , language = '', mark = '', code = ''], at) => ({
    name: `${document}, block ${at + 1}`,
    language,
    mark,
    code: code.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
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
    const marks = block.language === 'ts' ? ['run', 'check'] : ['', 'run'];
    if (['ts', 'sh'].includes(block.language) && !marks.includes(block.mark)) {
      problems.push(`${block.name}: "${block.language} ${block.mark}" is no known mark`);
    }
    if (block.language === 'js' || block.language === 'typescript' || block.language === 'bash') {
      problems.push(`${block.name}: write "ts" or "sh", so that it is held by a test`);
    }
    if (block.language === 'sh') problems.push(...unknownScripts(block, scripts));
  }
  const typescript = blocks.filter(({ language, mark }) => language === 'ts' && mark !== '');
  const shell = blocks.filter(({ language, mark }) => language === 'sh' && mark === 'run');

  mkdirSync(join(ROOT, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.tmp', 'doc-code-'));
  try {
    if (typescript.length > 0) problems.push(...(await checkTypeScript(typescript, folder)));
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

async function checkTypeScript(blocks: readonly DocBlock[], folder: string): Promise<string[]> {
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
  for (const [at, block] of blocks.entries()) {
    const errors = compiled.output.split('\n').filter((line) => line.includes(`${source(at)}.ts(`));
    if (errors.length > 0) problems.push(`${block.name}: ${errors.join('\n')}`);
    else if (block.mark === 'run') {
      problems.push(...(await runIn(folder, block, process.execPath, [join(folder, `${source(at)}.js`)])));
    }
  }
  if (!compiled.ok && problems.length === 0) problems.push(`the code of the documents: ${compiled.output}`);
  return problems;
}

async function runIn(
  folder: string,
  block: DocBlock,
  command: string,
  args: readonly string[],
): Promise<string[]> {
  const { ok, output } = await run(mkdtempSync(join(folder, 'run-')), command, args);
  return ok ? [] : [`${block.name}: ${output}`];
}

function run(cwd: string, command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const endGroup = (): void => {
    // The whole group, so that nothing which a block left in the background outlives it.
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Everything has ended by itself.
    }
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup();
  }, MAX_RUN);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', endGroup);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ok: code === 0, output: late ? `${output}\nstill running after ${MAX_RUN} ms` : output });
    });
  });
}
