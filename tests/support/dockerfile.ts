/** An instruction of a Dockerfile: `COPY`, with what follows it on one line. */
export interface Instruction {
  readonly name: string;
  readonly args: string;
}

export interface Stage {
  /** `build` of `FROM … AS build`; empty if it has none. */
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** The stage that it copies from; `undefined` for the folder that is built. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** What a Dockerfile says, by https://docs.docker.com/reference/dockerfile, without ARGs and heredocs. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line) && line.trim() !== '')
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', args = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not an instruction: ${line}`);
    if (name.toUpperCase() === 'FROM') {
      const [, image = '', stage = ''] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(args) ?? [];
      stages.push({ name: stage, image, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name: name.toUpperCase(), args });
  }
  return stages;
}

export function argsOf({ instructions }: Stage, name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({ args }) => args);
}

export function copiesOf(stage: Stage): Copy[] {
  return argsOf(stage, 'COPY').map(parseCopy);
}

export function parseCopy(args: string): Copy {
  const words = args.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** The environment that `ENV a=1 b=2` lines make. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = argsOf(stage, 'ENV').flatMap((args) => args.split(/\s+/));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')];
    }),
  );
}

/** The command of `CMD ["a", "b"]`, also behind options. @throws Error if it is in shell form */
export function execForm(args: string): string[] {
  const list = /\[.*\]$/.exec(args)?.[0];
  if (list === undefined) throw new Error(`not in exec form: ${args}`);
  return JSON.parse(list) as string[];
}

/** Whether a path reaches the build: the last line of .dockerignore that fits it or a folder above it decides. */
export function isSent(dockerignore: string, path: string): boolean {
  let sent = true;
  for (const line of dockerignore.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [pattern, sends] = line.startsWith('!') ? [line.slice(1), true] : [line, false];
    if (/[*?[]/.test(pattern) && pattern !== '*') throw new Error(`this check does not know ${pattern}`);
    if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) sent = sends;
  }
  return sent;
}
