import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import type { Run } from '../runtime/exec.ts';
import { readSharedInputs } from './build-inputs.ts';
import { type FamilyBuild, readFamily, refuseInputsOfOne } from './family-inputs.ts';
import { readInputs } from './inputs.ts';
import { BUILD_INPUTS } from './build-inputs.ts';

const masker = { mask: () => undefined };
let workspace: string;
let declared: readonly string[];
let asked: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }[];

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'plimsoll-family-'));
  asked = [];
  declared = ['REGISTRY'];
});
afterEach(() => rm(workspace, { recursive: true }));

const inputsOf = (given: Readonly<Record<string, string>>) => {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
  return readInputs([...BUILD_INPUTS, 'baseline'], env, masker);
};

/** @param printed - what buildx says of a bake file */
function read(
  images: string,
  given: Readonly<Record<string, string>> = {},
  printed = {},
): Promise<readonly FamilyBuild[]> {
  const github = {
    workspace,
    tempDir: path.join(workspace, 'temp'),
    repository: 'acme/app',
    serverUrl: 'https://github.com',
    sha: 'a'.repeat(40),
    ref: 'refs/heads/main',
    token: undefined,
  };
  const shared = readSharedInputs(inputsOf(given), { github, env: {}, secrets: masker });
  const run: Run = async (_program, args, { env }) => {
    asked.push({ args, env: { ...env } });
    const variables = declared.map((name) => ({ name, value: '' }));
    const stdout = JSON.stringify(args.includes('--print') ? { target: printed } : variables);
    return { exitCode: 0, stdout, stderr: '', durationMs: 1, truncated: false };
  };
  const toolbox = { get: () => Promise.resolve({ name: 'buildx', version: '1', path: 'buildx' } as never) };
  const env = {
    REGISTRY: 'ghcr.io',
    GITHUB_TOKEN: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    ACTIONS_RUNTIME_TOKEN: 'secret',
  };
  return readFamily(images, shared, { github, tools: { toolbox, log: silentLog, env, tempDir: workspace, run } });
}

const refusal = (code: string, hint: string) =>
  expect.objectContaining({ code, hint: expect.stringContaining(hint) as string }) as Error;

describe('readFamily', () => {
  it('takes what an image does not say from the inputs of the step', async () => {
    const images = `
base: { image: ghcr.io/acme/base, dockerfile-inline: FROM scratch }
app:
  image: ghcr.io/acme/app
  context: app
  file: app/Containerfile
  platforms: [linux/arm64]
  build-args: { B: own }
  labels: { l: own }
  tags: [own]
  needs: base
`;
    const platforms = 'linux/amd64,linux/arm64';
    const [base, app] = await read(images, { platforms, 'build-args': 'A=1\nB=2', labels: 'l=1', tags: 'main' });
    expect(base?.build).toMatchObject({
      context: workspace,
      platforms: platforms.split(','),
      metadata: { tags: ['main'] },
    });
    expect(await readFile(base?.build.file ?? '', 'utf8')).toBe('FROM scratch');
    expect(app).toMatchObject({
      name: 'app',
      needs: [{ context: 'base', member: 'base' }],
      build: {
        context: path.join(workspace, 'app'),
        file: path.join(workspace, 'app/Containerfile'),
        platforms: ['linux/arm64'],
        buildArgs: { A: '1', B: 'own' },
        metadata: { tags: ['own'], labels: { l: 'own' } },
      },
    });
  });

  it('reads a file, whose paths are its own', async () => {
    await mkdir(path.join(workspace, 'docker'));
    await writeFile(path.join(workspace, 'docker/images.yml'), '- name: a\n  image: ghcr.io/acme/a\n  context: a\n');
    const [only] = await read('docker/images.yml');
    expect(only?.build.context).toBe(path.join(workspace, 'docker/a'));
  });

  it('takes the repository of the run at the commit that the images are named by', async () => {
    const images = 'a: { image: ghcr.io/acme/a, context: "https://github.com/acme/app.git" }';
    const [only] = await read(images, { sha: 'b'.repeat(40) });
    expect(only?.build.git?.ref).toBe('b'.repeat(40));
  });

  it.each(['docker-bake.hcl#app', 'docker-bake.json#app'])(
    'lets buildx read %s, which sees its variables alone',
    async (images) => {
      await writeFile(path.join(workspace, images.split('#')[0] ?? ''), '{ "target": { "app": {} } }');
      const [only] = await read(images, {}, { app: { context: 'app', dockerfile: 'D', tags: ['ghcr.io/acme/app'] } });
      expect(only?.build.file).toBe(path.join(workspace, 'app/D'));
      expect(asked.at(-1)?.args.slice(-2)).toEqual(['--print', 'app']);
      expect(asked.at(-1)?.env).toEqual({ REGISTRY: 'ghcr.io' });
    },
  );

  it('refuses a bake file that would read a secret', async () => {
    await writeFile(path.join(workspace, 'docker-bake.hcl'), '');
    declared = ['REGISTRY', 'ACTIONS_RUNTIME_TOKEN'];
    const printed = { app: { tags: ['ghcr.io/acme/app'] } };
    await expect(read('docker-bake.hcl', {}, printed)).rejects.toThrow(
      refusal('family-invalid', 'secret-envs: ACTIONS_RUNTIME_TOKEN'),
    );
    expect(JSON.stringify(asked)).not.toContain('"secret"');
  });

  it('knows a platform by any of its names, and which builder has it', async () => {
    const images = 'a: { image: ghcr.io/acme/a, platforms: [linux/arm64/v8] }';
    const endpoint = (platform: string) => ({ 'builder-endpoint': `tcp://h:1 platforms=${platform}` });
    const [only] = await read(images, endpoint('linux/arm64'));
    expect(only?.build.platforms).toEqual(['linux/arm64']);
    await expect(read(images, endpoint('linux/amd64'))).rejects.toThrow(refusal('family-invalid', 'platforms='));
  });

  it.each([
    ['nowhere.yml', 'input-invalid', 'path of a file'],
    ['a: { image: ghcr.io/acme/a, platforms: [linux/amd46] }', 'family-invalid', 'linux/amd64'],
    ['a: { image: ghcr.io/acme/a, build-contexts: { x: nowhere } }', 'family-invalid', 'src=./src'],
    ['a: { image: ghcr.io/acme/a, context: "https://me:pw@host/a.git" }', 'family-invalid', 'secrets'],
    [
      'a: { image: ghcr.io/acme/a }\nb: { image: ghcr.io/acme/b, needs: a, platforms: [linux/arm64] }',
      'family-invalid',
      'platforms of a',
    ],
  ])('refuses %j', async (images, code, hint) => {
    await expect(read(images)).rejects.toThrow(refusal(code, hint));
  });
});

it('proves what it is built on, or is built on nothing', async () => {
  const alone = 'a: { image: ghcr.io/acme/a }\n';
  const off = { provenance: 'off' };
  expect(await read(alone, off)).toHaveLength(1);
  const needing = `${alone}b: { image: ghcr.io/acme/b, needs: a }`;
  await expect(read(needing, off)).rejects.toThrow(refusal('input-conflict', '"provenance: max"'));
  expect(await read(needing, { provenance: 'min' })).toHaveLength(2);
});

it.each([
  ['image', 'ghcr.io/acme/app'],
  ['context', 'app'],
  ['file', 'Dockerfile'],
  ['mode', 'shard'],
  ['if-missing', 'skip'],
  ['baseline', 'ghcr.io/acme/app@sha256:0'],
])('%s is about one image', (name, value) => {
  expect(() => refuseInputsOfOne(inputsOf({ [name]: value }))).toThrow(refusal('input-conflict', `"${name}"`));
  expect(() => refuseInputsOfOne(inputsOf({}))).not.toThrow();
});
