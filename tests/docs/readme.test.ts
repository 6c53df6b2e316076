import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkDocCode, docBlocks } from '../support/doc-code.js';
import { readFiles, readProjectFile } from '../support/project-files.js';

const packageJson = JSON.parse(readProjectFile('package.json')) as { scripts: Record<string, string> };
const scripts = Object.keys(packageJson.scripts);

const FENCE = '```';
const SAMPLE = `# Sample

${FENCE}ts run
import { writeFileSync } from 'node:fs';
import { PROTOCOL_VERSION } from 'coscribe/shared';
const version: number = PROTOCOL_VERSION;
writeFileSync('out.txt', String(version));
${FENCE}

1. In a list:

   ${FENCE}ts check
   document.title = 'never run';
   ${FENCE}

${FENCE}sh run
sleep 60 &
test "$(echo yes | tr a-z A-Z)" = YES
${FENCE}

${FENCE}sh
npm ci && npm run build
${FENCE}

${FENCE}json
{}
${FENCE}
`;

/** What is wrong, the promise, the block, and what is said of it. */
const FAULTS = [
  ['a server that listens elsewhere', 'DOCS5', 'ts serve', 'process.exit();', 'has to listen on 8080'],
  ['a server that ends', 'DOCS5', 'ts serve', "throw new Error('as written, on 8080');", 'as written'],
  ['a script that throws in the page', 'DOCS5', 'ts page', "throw new Error('as written');", 'as written'],
  [
    'a page that complains',
    'DOCS5',
    'html page',
    '<script>console.error("as written")</script>',
    'as written',
  ],
  ['code that is not in the file', 'DOCS5', 'ts from examples/repeat.ts', 'let other = 1;', 'let other = 1;'],
  [
    'code in another order than in the file',
    'DOCS5',
    'ts from examples/repeat.ts',
    '  const done = run();\n  let stopped = false;',
    'let stopped = false;',
  ],
  ['a mark that pages do not have', 'DOCS5', 'html run', '<p></p>', 'no known mark'],
  ['a wrong type', 'HOUSE5', 'ts run', 'const n: number = "1";', 'TS2322'],
  ['a wrong type in code that is not run', 'HOUSE5', 'ts check', 'const n: number = "1";', 'TS2322'],
  [
    'a name that the package does not have',
    'HOUSE5',
    'ts check',
    "import { nothing } from 'coscribe/shared';",
    'TS2305',
  ],
  ['a program that throws', 'HOUSE5', 'ts run', "throw new Error('as written');", 'as written'],
  ['a program that exits with 3', 'HOUSE5', 'ts run', 'process.exit(3);', 'block 1'],
  ['a command that fails', 'HOUSE5', 'sh run', 'echo before; false; echo after', 'before'],
  ['a failure inside a pipe', 'HOUSE5', 'sh run', 'false | cat', 'block 1'],
  ['a script that does not exist', 'HOUSE5', 'sh', 'npm run -s no-such-thing', 'no script "no-such-thing"'],
  ['TypeScript that nothing holds', 'HOUSE5', 'ts', 'const n = 1;', 'no known mark'],
  ['a misspelt mark', 'HOUSE5', 'sh runn', 'true', 'no known mark'],
  ['another name of the language', 'HOUSE5', 'typescript run', 'const n = 1;', 'write "ts" or "sh"'],
] as const;

describe('code in the documents', () => {
  test('[HOUSE5] [DOCS5] README.md and docs/ hold what they show', async () => {
    const documents = new Map([['README.md', readProjectFile('README.md')], ...readFiles(['docs'], '.md')]);
    // Made of docstrings, whose code is declarations.
    const written = [...documents].filter(([name]) => !name.startsWith('docs/api/'));
    const blocks = written.flatMap(([name, text]) => docBlocks(name, text));
    expect(await checkDocCode(blocks, scripts)).toEqual([]);
  });

  test('[HOUSE5] the check reads every fenced block', () => {
    const blocks = docBlocks('x.md', SAMPLE);
    expect(blocks.map(({ name, language, mark }) => `${name}: ${language} ${mark}`.trim())).toEqual([
      'x.md, block 1: ts run',
      'x.md, block 2: ts check',
      'x.md, block 3: sh run',
      'x.md, block 4: sh',
      'x.md, block 5: json',
    ]);
    expect(blocks[1]?.code).toBe("document.title = 'never run';\n");
  });

  test('[HOUSE5] the check lets sound code pass, and leaves nothing running', async () => {
    expect(await checkDocCode(docBlocks('x.md', SAMPLE), scripts)).toEqual([]);
  });

  describe('what is wrong with them', () => {
    const blocks = FAULTS.flatMap(([, , language, code], at) =>
      docBlocks(`${at}.md`, `${FENCE}${language}\n${code}\n${FENCE}\n`),
    );
    // All at once: compilers and browsers take their time to start.
    let problems: readonly string[] = [];
    beforeAll(async () => {
      problems = await checkDocCode(blocks, scripts);
    });

    const found = (what: string): readonly string[] => {
      const at = FAULTS.findIndex((fault) => fault[0] === what);
      return problems.filter((one) => one.startsWith(`${at}.md, block 1: `));
    };
    const faultsOf = (promise: string) => FAULTS.filter(([, number]) => number === promise);

    test.each(faultsOf('DOCS5'))('[DOCS5] the check finds %s', (what, _number, _language, _code, problem) => {
      expect(found(what).join('\n')).toContain(problem);
    });

    test.each(faultsOf('HOUSE5'))(
      '[HOUSE5] the check finds %s',
      (what, _number, _language, _code, problem) => {
        expect(found(what)).toEqual([expect.stringContaining(problem)]);
      },
    );
  });
});
