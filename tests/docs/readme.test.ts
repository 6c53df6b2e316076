import { describe, expect, test } from '@jest/globals';
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

function check(language: string, code: string): Promise<string[]> {
  return checkDocCode(docBlocks('x.md', `${FENCE}${language}\n${code}\n${FENCE}\n`), scripts);
}

describe('code in the documents', () => {
  test('[HOUSE5] README.md and docs/ hold what they show', async () => {
    const documents = new Map([['README.md', readProjectFile('README.md')], ...readFiles(['docs'], '.md')]);
    const blocks = [...documents].flatMap(([name, text]) => docBlocks(name, text));
    expect(await checkDocCode(blocks, scripts)).toEqual([]);
  }, 120_000);

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

  test.each([
    ['a wrong type', 'ts run', 'const n: number = "1";', 'TS2322'],
    ['a wrong type in code that is not run', 'ts check', 'const n: number = "1";', 'TS2322'],
    [
      'a name that the package does not have',
      'ts check',
      "import { nothing } from 'coscribe/shared';",
      'TS2305',
    ],
    ['a program that throws', 'ts run', "throw new Error('as written');", 'as written'],
    ['a program that exits with 3', 'ts run', 'process.exit(3);', 'x.md, block 1'],
    ['a command that fails', 'sh run', 'echo before; false; echo after', 'before'],
    ['a failure inside a pipe', 'sh run', 'false | cat', 'x.md, block 1'],
    ['a script that does not exist', 'sh', 'npm run -s no-such-thing', 'no script "no-such-thing"'],
    ['TypeScript that nothing holds', 'ts', 'const n = 1;', 'no known mark'],
    ['a misspelt mark', 'sh runn', 'true', 'no known mark'],
    ['another name of the language', 'typescript run', 'const n = 1;', 'write "ts" or "sh"'],
  ])('[HOUSE5] the check finds %s', async (_, language, code, problem) => {
    const problems = await check(language, code);
    expect(problems.join('\n')).toContain(problem);
    expect(problems).toHaveLength(1);
  });
});
