import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMIT_TAG = `sha-${DEFAULT_IDENTITY.sha}`;
const RELEASE = { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_EVENT_NAME: 'release' };

let world: World;
let layout: WrittenLayout;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  layout = await writeImageLayout(world.lifetime.folder('made'), [{ architecture: 'amd64', layers: [{ a: 'b' }] }]);
});
afterAll(() => world.close());

type Texts = Readonly<Record<string, string>>;

function run(action: string, inputs: Texts, env: Texts = {}, cwd = world.lifetime.folder('empty')): Promise<ActionRun> {
  const image = `${world.ghcr.host}/acme/named`;
  const builder = { PLIMSOLL_TOOL_BUILDX: replayingBuilder(world.lifetime.folder('builder'), layout) };
  return runAction({ action, world, cwd, inputs: { image, ...inputs }, env: { ...builder, ...env } });
}

/** Another workflow publishes 1.3.0. */
async function tagHigher(): Promise<void> {
  const { host, username } = world.ghcr;
  const credentials = listCredentials([{ registry: host, username, password: world.token }]);
  const repository = new Registries({ credentials }).repository({ registry: host, repository: 'acme/named' }, 'push');
  await repository.putManifest(await repository.manifest(layout.digest), '1.3.0');
}

const lines = (text: string | undefined) => (text ?? '').split('\n');

describe.each(['build', 'pipeline'])('a dry run of %s', (action) => {
  it('names the image without builder, Dockerfile or registry', async () => {
    const asked = world.ghcr.front.requests.length;
    const tags = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=ref,event=branch';
    const given = { tags, labels: 'a=b=c', annotations: 'index:commit={{sha}}', 'dry-run': 'true', push: 'true' };
    const step = await run(action, given, RELEASE);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(lines(step.outputs['tag-names'])).toEqual([COMMIT_TAG, '1.2.3', '1.2', 'latest']);
    expect(step.outputs['tags']).toBe(step.outputs['tag-names']);
    expect(step.outputs['version']).toBe('1.2.3');
    expect(lines(step.outputs['labels'])).toEqual(
      expect.arrayContaining(['a=b=c', 'org.opencontainers.image.version=1.2.3']),
    );
    expect(lines(step.outputs['annotations'])).toContain(`index:commit=${DEFAULT_IDENTITY.sha.slice(0, 7)}`);
    expect(JSON.parse(step.outputs['plan'] ?? '')).toMatchObject({
      tags: [
        { name: COMMIT_TAG, class: 'immutable', source: 'commit' },
        { name: '1.2.3', class: 'immutable', source: 'type=semver,pattern={{version}}' },
        { name: '1.2', class: 'moving', onlyIf: 'highest 1.2.x' },
        { name: 'latest', class: 'moving' },
      ],
    });
    expect(world.ghcr.front.requests).toHaveLength(asked);
  });
});

describe('build', () => {
  it('takes the time of the commit from the checkout when the event does not say it', async () => {
    const cwd = world.lifetime.folder('checkout');
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
    const env = { PATH: process.env['PATH'], ...who, GIT_COMMITTER_DATE: '2026-11-19T12:00:00Z' };
    const git = (...args: string[]) => execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'Sail');
    const sha = git('rev-parse', 'HEAD');
    const step = await run('build', { sha, ref: 'refs/heads/next', 'dry-run': 'true' }, {}, cwd);
    expect(lines(step.outputs['tags'])).toEqual([`sha-${sha}`, 'next']);
    expect(lines(step.outputs['labels'])).toEqual(
      expect.arrayContaining([
        'org.opencontainers.image.created=2026-11-19T12:00:00Z',
        `org.opencontainers.image.revision=${sha}`,
      ]),
    );
  });

  it.each([
    [{ ref: 'main' }, 'input-invalid'],
    [{ sha: 'abc1234' }, 'input-invalid'],
    [{ created: 'yesterday' }, 'input-invalid'],
    [{ flavor: 'latest=true' }, 'input-conflict'],
    [{ annotations: 'indx:a=b' }, 'input-invalid'],
    [{ labels: 'a={{nothing}}' }, 'input-invalid'],
  ])('refuses %o', async (inputs, code) => {
    expect(codeOf(await run('build', { ...inputs, 'dry-run': 'true' }))).toBe(code);
  });

  it('leaves the tags of a higher version where they are', async () => {
    const cwd = world.lifetime.folder('workspace');
    writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY a /\n');
    const first = await run('build', { push: 'true' }, RELEASE, cwd);
    expect(lines(first.outputs['tags']).slice(1), first.log).toEqual(['v1.2.3', '1.2.3', '1.2', '1', 'latest', 'prod']);
    await tagHigher();
    const second = await run('build', { push: 'true' }, RELEASE, cwd);
    expect(lines(second.outputs['tags']).slice(1), second.log).toEqual(['v1.2.3', '1.2.3', '1.2']);
    expect(second.annotations.map(({ message }) => message)).toContain(
      `${world.ghcr.host}/acme/named:latest stays where it is: 1.3.0 is higher`,
    );
  });
});
