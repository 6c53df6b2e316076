import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exposureProblem } from '../../server/config/check-config.js';
import { loadConfig } from '../../server/config/load-config.js';
import { OPTIONS } from '../../server/config/options.js';
import { freePort } from '../../tools/services/ports.js';
import {
  argsOf,
  type Copy,
  copiesOf,
  environmentOf,
  execForm,
  isSent,
  parseCopy,
  parseDockerfile,
  type Stage,
} from '../support/dockerfile.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT, readProjectFile } from '../support/project-files.js';
import { until } from '../support/until.js';

const stages = parseDockerfile(readProjectFile('Dockerfile'));
const last = stages.at(-1);
if (last === undefined) throw new Error('the Dockerfile has no stage');
const image: Stage = last;

function one(name: string): string {
  const [args, ...others] = argsOf(image, name);
  if (args === undefined || others.length > 0) throw new Error(`the image needs one ${name}`);
  return args;
}

describe('the Dockerfile', () => {
  test('[DEPLOY1] builds in stages of one base image, whose C library is that of libsql', () => {
    expect(stages.length).toBeGreaterThan(1);
    for (const stage of stages) expect(stage.image).toMatch(/^node:20-\w+-slim$/);
    expect(readProjectFile('package.json')).toContain('"node": ">=20');
  });

  test('[DEPLOY1] what it copies is there, and .dockerignore lets it through; a later stage copies from an earlier one', () => {
    const ignore = readProjectFile('.dockerignore');
    for (const [index, stage] of stages.entries()) {
      const earlier = stages.slice(0, index).map(({ name }) => name);
      for (const { from, sources } of copiesOf(stage)) {
        if (from === undefined) {
          expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
          expect(sources.filter((path) => !isSent(ignore, path))).toEqual([]);
        } else expect(earlier).toContain(from);
      }
    }
  });

  test('[DEPLOY1] nothing secret, built or installed reaches the build', () => {
    const ignore = readProjectFile('.dockerignore');
    const kept = ['.env', '.git', 'node_modules', 'dist', 'data', 'tests', 'bench', 'deploy/haproxy.cfg'];
    expect(kept.filter((path) => isSent(ignore, path))).toEqual([]);
  });

  test('[DEPLOY2] the image has no root, listens to everybody, and its variables are options of the server', () => {
    expect(one('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const { NODE_ENV, ...environment } = environmentOf(image);
    expect(NODE_ENV).toBe('production');
    const variables = Object.values(OPTIONS).map(({ env }) => env);
    for (const name of Object.keys(environment)) expect(variables).toContain(name);
    expect(environment).toMatchObject({ HOST: '0.0.0.0', PORT: one('EXPOSE') });
  });

  test('[AUTH2] who reaches the container is not let into everything, and the server may listen there', () => {
    const config = loadConfig([], environmentOf(image));
    expect(config).toMatchObject({ auth: 'links', openToAll: 'no' });
    expect(exposureProblem(config)).toBeUndefined();
  });

  test('[DEPLOY2] signals reach the server: the command is in exec form', () => {
    expect(execForm(one('ENTRYPOINT'))).toEqual(['node', 'dist/cli/main.js']);
    expect(argsOf(image, 'CMD')).toEqual([]);
    expect(one('STOPSIGNAL')).toBe('SIGTERM');
  });
});

/** The stages, made in folders instead of containers. */
class Sandbox {
  readonly folder: TemporaryFolder = temporaryFolder();

  constructor() {
    // Also for the user of the image.
    chmodSync(this.folder.path, 0o755);
  }

  /** A path of the image, here. */
  path(stage: Stage, path: string): string {
    return join(this.folder.path, stage.name || 'image', path);
  }

  async make(stage: Stage): Promise<void> {
    let workdir = '/';
    for (const { name, args } of stage.instructions) {
      if (name === 'WORKDIR') {
        workdir = args;
        mkdirSync(this.path(stage, workdir), { recursive: true });
      } else if (name === 'COPY') this.copy(stage, workdir, parseCopy(args));
      else if (name === 'RUN') await this.run(stage, workdir, args);
    }
  }

  private copy(stage: Stage, workdir: string, { from, sources, target }: Copy): void {
    const source = stages.find(({ name }) => name === from);
    for (const path of sources) {
      const here = source === undefined ? join(ROOT, path) : this.path(source, path);
      const isFolder = target.endsWith('/');
      const there = join(workdir, target, isFolder ? (path.split('/').at(-1) ?? '') : '');
      mkdirSync(dirname(this.path(stage, there)), { recursive: true });
      // What earlier builds left beside the sources is not in a fresh checkout.
      cpSync(here, this.path(stage, there), {
        recursive: true,
        filter: (file) => from !== undefined || !file.endsWith('.tsbuildinfo'),
      });
    }
  }

  private async run(stage: Stage, workdir: string, command: string): Promise<void> {
    if (/^npm ci --ignore-scripts$/.test(command)) {
      // What developers install is what runs this test.
      symlinkSync(join(ROOT, 'node_modules'), this.path(stage, join(workdir, 'node_modules')));
      return;
    }
    // Folders of the image; only root can give them away.
    let here = command.replace(/(?<=\s)\/(?=data\b|app\b)/g, `${this.path(stage, '/')}`);
    if (process.getuid?.() !== 0) here = here.replace(/ -[og] \d+/g, '');
    const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
    const child = spawn('sh', ['-ec', here], {
      cwd: this.path(stage, workdir),
      env: { ...process.env, ...npm },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { code, output } = await ended(child);
    if (code !== 0) throw new Error(`${command}\n${output}`);
  }
}

function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  const take = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('what the image holds', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = new Sandbox();
    for (const stage of stages) await sandbox.make(stage);
  });

  afterAll(() => sandbox.folder.remove());

  function start(command: readonly string[], env: Record<string, string>): ChildProcess {
    const [program = '', ...args] = command;
    const [uid, gid] = one('USER').split(':').map(Number);
    const isRoot = process.getuid?.() === 0;
    return spawn(program === 'node' ? process.execPath : program, args, {
      cwd: sandbox.path(image, one('WORKDIR')),
      env: { PATH: process.env.PATH, ...environmentOf(image), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(isRoot && uid !== undefined && gid !== undefined ? { uid, gid } : {}),
    });
  }

  test('[DEPLOY3] it runs without root and without what developers install, is healthy, and stops on SIGTERM', async () => {
    const installed = sandbox.path(image, '/app/node_modules');
    expect(existsSync(join(installed, 'socket.io'))).toBe(true);
    expect(existsSync(join(installed, 'typescript'))).toBe(false);
    expect(existsSync(sandbox.path(image, '/app/dist/tests'))).toBe(false);

    const env = {
      PORT: `${await freePort()}`,
      // The image's own folder, where it has none of that name at the root.
      COSCRIBE_STORE: (environmentOf(image).COSCRIBE_STORE ?? '').replace(
        '/data/',
        `${sandbox.path(image, '/data')}/`,
      ),
    };
    const check = () => ended(start(execForm(one('HEALTHCHECK')), env));
    expect(await check()).toEqual({ code: 1, output: '' });

    const server = start(execForm(one('ENTRYPOINT')), env);
    try {
      let output = '';
      server.stdout?.on('data', (text: Buffer) => {
        output += text.toString();
      });
      const end = ended(server);
      await until(() => output.includes('ready') || server.exitCode !== null, 'the server is ready');
      expect(output).toContain('"store":"sqlite:');
      expect(await check()).toEqual({ code: 0, output: '' });
      const page = await fetch(`http://127.0.0.1:${env.PORT}/`);
      expect(await page.text()).toContain('Coscribe');
      server.kill('SIGTERM');
      expect((await end).code).toBe(0);
      expect((await check()).code).toBe(1);
    } finally {
      server.kill('SIGKILL');
    }
  });

  test('[DEPLOY25] what follows its name is a command', async () => {
    const run = (...words: string[]) => ended(start([...execForm(one('ENTRYPOINT')), ...words], {}));
    const { code, output } = await run('--help');
    expect([code, output]).toEqual([0, expect.stringContaining('coscribe [COMMAND]')]);
    const env = { COSCRIBE_JWT_KEY: 'the secret of a test, which is longer than 32 bytes' };
    const token = await ended(
      start([...execForm(one('ENTRYPOINT')), 'token', '-u', 'ann', '-a', 'viewer'], env),
    );
    expect(token).toEqual({ code: 0, output: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) });
  });
});
