import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const DOCKERFILE = 'FROM scratch\nARG TARGETARCH\nCOPY hello /hello-$TARGETARCH\n';

let world: World;
let sbomGenerator: string;
let second: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  [sbomGenerator, second] = await Promise.all([world.images.sbomGenerator(), world.buildkit.another('second')]);
});
afterAll(() => world.close());

function build(inputs: Variables, env: Variables = {}): Promise<ActionRun> {
  const cwd = world.lifetime.folder('workspace');
  writeFileSync(path.join(cwd, 'Dockerfile'), DOCKERFILE);
  writeFileSync(path.join(cwd, 'hello'), 'hello\n');
  const given = { image: `${world.ghcr.host}/acme/app`, 'sbom-generator': sbomGenerator, ...inputs };
  return runAction({ action: 'build', world, cwd, inputs: given, env: { BUILDX_BUILDER: '', ...env } });
}

/** The step at the end of the job. */
function end({ state }: ActionRun): Promise<ActionRun> {
  return build({}, Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])));
}

/** Names of the builders that buildx knows and a step made. */
function builders(): readonly string[] {
  const env = { PATH: process.env['PATH'] ?? '', HOME: world.directory, ...world.buildkit.env };
  const listed = execFileSync(world.tools.buildx ?? '', ['ls', '--format', '{{.Name}}'], { env, encoding: 'utf8' });
  return listed.split('\n').filter((name) => /^plimsoll-[0-9a-f]{12}$/.test(name));
}

describe('builders that run elsewhere', () => {
  it('share one build by platform, and are forgotten at the end of the job', async () => {
    const endpoints = `${world.buildkit.endpoint} platforms=linux/amd64\n${second} platforms=linux/arm64`;
    const step = await build({ 'builder-endpoint': endpoints, platforms: 'linux/amd64,linux/arm64' });
    expect(codeOf(step), step.log).toBeUndefined();
    const digests = JSON.parse(step.outputs['platform-digests'] ?? '') as object;
    expect(Object.keys(digests)).toEqual(['linux/amd64', 'linux/arm64']);
    const made = step.state['builders']?.split(' ') ?? [];
    expect(made).toHaveLength(2);
    expect(builders()).toEqual(expect.arrayContaining(made));
    expect(codeOf(await end(step))).toBeUndefined();
    expect(builders()).toEqual([]);
    expect(codeOf(await end(step)), 'a second end').toBeUndefined();
  });

  it('that do not answer are named, and leave no builder behind', async () => {
    const step = await build({ 'builder-endpoint': 'tcp://127.0.0.1:1' });
    expect(codeOf(step), step.log).toBe('builder-missing');
    expect(codeOf(await end(step))).toBeUndefined();
    expect(builders()).toEqual([]);
  });

  it('are not asked for what none of them can', async () => {
    const step = await build({ 'builder-endpoint': `${second} platforms=linux/arm64` });
    expect(codeOf(step)).toBe('input-conflict');
    expect(builders()).toEqual([]);
  });

  it('are gone with the step itself where no end will come', async () => {
    const step = await build({ 'builder-endpoint': second }, { GITHUB_STATE: '' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(builders()).toEqual([]);
    expect(existsSync(path.join(step.outputs['layout'] ?? '', 'index.json'))).toBe(true);
  });
});

describe('a machine with nothing but the docker driver', () => {
  it('gets a builder with BuildKit by digest, removed at the end of the job', async () => {
    const { file, asked } = dockerDriverOnly();
    const step = await build({}, { PLIMSOLL_TOOL_BUILDX: file });
    const { builders: builder = '' } = step.state;
    const [, create = '', make = ''] = readFileSync(asked, 'utf8').split('\n');
    expect(create).toMatch(
      new RegExp(
        `^create --name ${builder} .*--driver docker-container .*image=moby/buildkit:\\S+@sha256:[0-9a-f]{64}$`,
      ),
    );
    expect(make).toContain(`--builder ${builder} `);
    await build({}, { PLIMSOLL_TOOL_BUILDX: file, 'STATE_plimsoll-post': 'true', STATE_builders: builder });
    expect(readFileSync(asked, 'utf8').trimEnd().split('\n').at(-1)).toBe(`rm --force ${builder}`);
  });
});

/** A buildx where `docker` is the driver in use, which writes down what it is asked and builds nothing. */
function dockerDriverOnly() {
  const asked = path.join(world.lifetime.folder('docker-only'), 'asked');
  const file = path.join(world.lifetime.folder('docker-only'), 'buildx');
  const script = `#!/bin/sh
[ "$1" = version ] && { echo "github.com/docker/buildx v0.37.0 0"; exit 0; }
echo "$*" >> '${asked}'
[ "$1" = inspect ] && printf 'Name:   default\\nDriver: docker\\n'
[ "$1" != build ]
`;
  writeFileSync(file, script, { mode: 0o755 });
  return { file, asked };
}
