import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { forbiddenBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const IMAGE = 'ghcr.io/acme/app';
const IMAGES = JSON.stringify([
  { image: 'ghcr.io/acme/api', context: 'api', platforms: ['linux/arm64'], 'build-args': { A: '1' } },
  { image: 'ghcr.io/acme/web', context: 'web' },
]);

let world: World;
let runs = 0;
let builder: ReturnType<typeof forbiddenBuilder>;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  builder = forbiddenBuilder(world.lifetime.folder('builder'));
});
afterAll(() => world.close());

/** @param directories those that have a Dockerfile */
function run(action: string, inputs: Variables, directories: readonly string[] = []): Promise<ActionRun> {
  runs += 1;
  const cwd = world.lifetime.folder('workspaces', String(runs));
  for (const directory of directories) {
    mkdirSync(path.join(cwd, directory), { recursive: true });
    writeFileSync(path.join(cwd, directory, 'Dockerfile'), 'FROM scratch\n');
  }
  return runAction({ action, world, cwd, inputs, env: { PLIMSOLL_TOOL_BUILDX: builder.file } });
}

function matrixOf(step: ActionRun): readonly object[] {
  expect(codeOf(step), step.log).toBeUndefined();
  return (JSON.parse(step.outputs['matrix'] ?? '') as { include: object[] }).include;
}

describe.each(['build', 'pipeline'])('%s', (action) => {
  it('makes jobs of a matrix of platforms', async () => {
    const matrix = '{"platform": ["linux/amd64"], "include": [{"platform": "linux/s390x", "runner": "zlinux"}]}';
    const step = await run(action, { image: IMAGE, 'docker-matrix': matrix, 'dry-run': 'true' }, ['.']);
    expect(matrixOf(step)).toEqual([
      { platform: 'linux/amd64', runner: 'ubuntu-24.04', name: 'linux-amd64' },
      { platform: 'linux/s390x', runner: 'zlinux', name: 'linux-s390x' },
    ]);
    expect(step.outputs['should-build']).toBe('true');
  });

  it('makes jobs of a list of images, and asks nobody', async () => {
    const step = await run(action, { 'images-matrix': IMAGES, 'dry-run': 'true' }, ['api', 'web']);
    expect(matrixOf(step)).toMatchObject([
      { image: 'ghcr.io/acme/api', context: 'api', runner: 'ubuntu-24.04-arm', 'build-args': 'A=1' },
      { image: 'ghcr.io/acme/web', context: 'web', runner: 'ubuntu-24.04', platforms: 'linux/amd64' },
    ]);
    expect(step.outputs).toMatchObject({ 'should-build': 'true', pushed: 'false' });
    expect(step.annotations).toEqual([]);
    expect(world.ghcr.front.requests).toEqual([]);
  });

  it('leaves out an image without a Dockerfile where that is no mistake', async () => {
    const inputs = { 'images-matrix': IMAGES, 'if-missing': 'skip', 'dry-run': 'true' };
    const some = await run(action, inputs, ['web']);
    expect(matrixOf(some)).toMatchObject([{ image: 'ghcr.io/acme/web' }]);
    expect(some.annotations).toMatchObject([{ level: 'notice' }]);
    const none = await run(action, inputs);
    expect(matrixOf(none)).toEqual([]);
    expect(none.outputs['should-build']).toBe('false');
    const all = await run(action, { 'images-matrix': IMAGES, 'dry-run': 'true' }, ['api']);
    expect(matrixOf(all)).toHaveLength(2);
  });

  it.each<Variables>([{}, { 'dry-run': 'true' }, { file: 'nowhere/Dockerfile' }, { mode: 'shard' }])(
    'builds nothing where there is no Dockerfile and that is no mistake, with %o',
    async (inputs) => {
      const step = await run(action, { image: IMAGE, 'if-missing': 'skip', ...inputs });
      expect(codeOf(step), step.log).toBeUndefined();
      expect(step.outputs).toMatchObject({ 'should-build': 'false', pushed: 'false' });
      expect(step.outputs['digest'] ?? '').toBe('');
      expect(step.annotations).toMatchObject([{ level: 'notice' }]);
    },
  );

  it.each<[string, Variables, string]>([
    ['no Dockerfile', { image: IMAGE, push: 'false' }, 'dockerfile-missing'],
    [
      'both kinds of platforms',
      { image: IMAGE, 'docker-matrix': '{"platform": ["linux/amd64"]}', platforms: 'linux/386' },
      'input-conflict',
    ],
    [
      'two labels',
      { image: IMAGE, 'docker-matrix': '[{"platform": "linux/386", "os": "a"}]', runners: 'linux/386=b' },
      'input-conflict',
    ],
    ['a matrix that is no JSON', { image: IMAGE, 'docker-matrix': 'linux/amd64' }, 'input-invalid'],
    ['images that are no JSON', { 'images-matrix': 'api', 'dry-run': 'true' }, 'input-invalid'],
    ['images to be built in one step', { 'images-matrix': IMAGES }, 'input-conflict'],
    ['images beside an image', { 'images-matrix': IMAGES, image: IMAGE, 'dry-run': 'true' }, 'input-conflict'],
    ['images beside arguments', { 'images-matrix': IMAGES, 'build-args': 'A=1', 'dry-run': 'true' }, 'input-conflict'],
    ['images beside tags', { 'images-matrix': IMAGES, tags: 'main', 'dry-run': 'true' }, 'input-conflict'],
    ['images beside a context', { 'images-matrix': IMAGES, context: 'api', 'dry-run': 'true' }, 'input-conflict'],
    ['a merge that is to build', { image: IMAGE, mode: 'merge', 'build-args': 'A=1', push: 'false' }, 'input-conflict'],
    ['no image at all', { 'dry-run': 'true' }, 'input-missing'],
  ])('refuses %s', async (_name, inputs, code) => {
    expect(codeOf(await run(action, inputs))).toBe(code);
  });
});

describe('the version of the next release', () => {
  const planned = (inputs: Variables) => run('build', { image: IMAGE, 'dry-run': 'true', ...inputs });

  it('is counted from the tags of the repository, and asked for only when it is wanted', async () => {
    world.github.git.tags.set('acme/app', ['v1.9.0', 'v1.10.0', 'v1.11.0-rc.2', 'latest']);
    expect((await planned({ 'release-type': 'minor' })).outputs['next-version']).toBe('v1.11.0');
    const candidate = await planned({ 'release-type': 'minor', prerelease: 'true' });
    expect(candidate.outputs['next-version']).toBe('v1.11.0-rc.3');
    const before = world.github.requests.length;
    expect((await planned({})).outputs['next-version']).toBeUndefined();
    expect(world.github.requests.slice(before).filter(({ path: asked }) => asked.includes('matching-refs'))).toEqual(
      [],
    );
  });

  it('is not made up where the tags cannot be read', async () => {
    world.github.repositories.unreadable.add('acme/app');
    const step = await planned({ 'release-type': 'patch' });
    world.github.repositories.unreadable.clear();
    expect(codeOf(step)).toMatch(/^github-/);
    expect(step.outputs['next-version']).toBeUndefined();
  });

  it('has no candidate without a kind of release', async () => {
    expect(codeOf(await planned({ prerelease: 'true' }))).toBe('input-conflict');
    expect(codeOf(await planned({ 'release-type': 'huge' }))).toBe('input-invalid');
  });
});
