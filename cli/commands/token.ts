import { OPTIONS as SERVER } from '../../server/config/options.js';
import type { OptionHelp } from '../../tools/command-line/option-help.js';
import { readDuration } from '../../tools/command-line/quantities.js';
import { readArguments } from '../../tools/command-line/read-arguments.js';
import { UsageError } from '../../tools/usage-error.js';
import type { Command, CommandIo } from '../command.js';

const { jwtKey, jwtAlgorithm, jwtIssuer, jwtAudience } = SERVER;

const OPTIONS = [
  {
    name: 'user',
    short: 'u',
    value: 'USER',
    help: 'Whom the token stands for ("sub"): edits are attributed to this name.',
  },
  {
    name: 'access',
    short: 'a',
    value: 'PATTERN=ROLE',
    multiple: true,
    help: 'What it opens: a document, "acme/*", "acme/team-*" or "*", with viewer, editor or owner. A role alone is for everything.',
  },
  { name: 'operator', help: 'It is also for what concerns the whole server.' },
  { name: 'expires', value: 'TIME', help: 'How long it is good for: 10m, 8h, 30d. Default 1h.' },
  { name: 'name', value: 'NAME', help: 'The name that others see.' },
  { name: 'color', value: '#RRGGBB', help: 'The colour that others see.' },
  {
    name: 'id',
    value: 'ID',
    help: 'Name of the token itself ("jti"), by which it can be revoked. Default: a random one.',
  },
  {
    name: 'jwt-key',
    value: 'KEY',
    help: `Key to sign with: the secret of HS256, or the private key as PEM or JWK, or file:PATH. ${jwtKey.env}.`,
  },
  {
    name: 'jwt-algorithm',
    value: 'ALGORITHM',
    choices: SERVER.jwtAlgorithm.choices?.filter((choice) => choice !== '') ?? [],
    help: `How it is signed. ${jwtAlgorithm.env}, or else HS256.`,
  },
  { name: 'jwt-issuer', value: 'ISSUER', help: `Who says that he made it ("iss"). ${jwtIssuer.env}.` },
  { name: 'jwt-audience', value: 'AUDIENCE', help: `Which server it is for ("aud"). ${jwtAudience.env}.` },
  {
    name: 'decode',
    value: 'TOKEN',
    help: 'Makes none, but shows what is in this one (- reads it from standard input), and says whether the server would take it.',
  },
] as const satisfies readonly OptionHelp[];

export const token: Command = {
  name: 'token',
  summary: 'Make a token for trying out, or look into one.',
  synopsis: '--user USER [options] | --decode TOKEN',
  description: `Makes a JSON Web Token that a server with --auth jwt takes, for trying out: your application makes its own, with a library. It is signed with the key of the server, found as the server finds it, and printed, alone, so that it can go into a variable.

The key is as good as every account: give it by the variable or as file:PATH rather than on the command line, which others on the machine can see.`,
  options: OPTIONS,
  examples: [
    {
      line: 'export COSCRIBE_AUTH=jwt COSCRIBE_JWT_ALGORITHM=HS256 COSCRIBE_JWT_KEY=$(openssl rand -base64 32)',
      does: 'for the server, and for the next lines',
    },
    {
      line: "coscribe token --user ann --access 'acme/*=editor'",
      does: 'for somebody who writes in one workspace',
    },
    { line: 'coscribe token --user ops --operator --expires 10m', does: 'for an operator' },
    { line: 'coscribe token --decode "$TOKEN"', does: 'why is it refused?' },
  ],
  exitCodes: { 1: 'with --decode: the server would refuse it' },
  async run(argv, io) {
    const { values } = readArguments(OPTIONS, argv);
    const { settingsOf } = await import('../token/keys.js');
    const settings = settingsOf(values, io.env);
    if (values.decode !== undefined) {
      const { showToken } = await import('../token/show-token.js');
      const text = values.decode === '-' ? await readAll(io.stdin) : values.decode;
      const { lines, taken, sentence } = await showToken(text.trim(), settings);
      for (const line of lines) io.stdout.write(`${line}\n`);
      (taken === true ? io.stdout : io.stderr).write(`${sentence}\n`);
      return taken === false ? 1 : 0;
    }
    if (values.user === undefined) throw new UsageError('Say whom the token is for: --user ann.');
    const { makeToken } = await import('../token/make-token.js');
    const wanted = {
      ...values,
      user: values.user,
      expiresInMs: readDuration('--expires', values.expires ?? '1h'),
    };
    const made = await makeToken(wanted, settings, Date.now());
    io.stdout.write(`${made}\n`);
    if (values.access.length === 0 && !values.operator)
      io.stderr.write("This token opens nothing; add --access 'acme/*=editor', for example.\n");
    return 0;
  },
};

async function readAll(stdin: CommandIo['stdin']): Promise<string> {
  let all = '';
  for await (const chunk of stdin.setEncoding('utf8')) all += chunk;
  return all;
}
