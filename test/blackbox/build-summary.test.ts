import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { meddlingBuilder, replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_IDENTITY, pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { sha } = DEFAULT_IDENTITY;
const PROGRESS = ['#4 [1/3] FROM base', '#5 [2/3] COPY app /app', '#5 CACHED', '#6 [3/3] RUN make', '#6 DONE 0.1s'];

let world: World;
let layout: WrittenLayout;
let builder: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub'] });
  const image = { architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] };
  layout = await writeImageLayout(world.lifetime.folder('made'), [image]);
  const buildx = replayingBuilder(world.lifetime.folder('builder'), layout);
  const script = PROGRESS.map((line) => `echo '${line}' >&2`).join('\n');
  builder = meddlingBuilder(world.lifetime.folder('talking'), { buildx, script });
});
afterAll(() => world.close());

interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly gitTags?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
}

async function build(image: string, { env = {}, event = pushEvent(), gitTags, inputs = {} }: Asked = {}) {
  const cwd = world.lifetime.folder('workspaces', image.replaceAll(/\W/g, '-'));
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY app /app\n');
  if (gitTags !== undefined) checkout(cwd, gitTags);
  const before = world.github.requests.length;
  const step = await runAction({
    action: 'build',
    world,
    cwd,
    event,
    inputs: { image, push: 'true', ...inputs },
    env: { PLIMSOLL_TOOL_BUILDX: builder, ...env },
  });
  expect(codeOf(step), step.log).toBeUndefined();
  return { step, asked: world.github.requests.slice(before).map(({ path: asked }) => asked) };
}

function checkout(cwd: string, tags: readonly string[]): void {
  const git = (...args: string[]) => execFileSync('git', ['-C', cwd, ...args]);
  const identity = ['-c', 'user.name=octo', '-c', 'user.email=octo@acme.test'];
  git('init', '--quiet');
  git(...identity, 'commit', '--allow-empty', '--quiet', '--message', 'Sail');
  for (const tag of tags) git('tag', tag);
}

const notices = ({ annotations }: ActionRun) => annotations.filter(({ level }) => level === 'notice');
const ghcr = (name: string) => `${world.ghcr.host}/acme/${name}`;
const hub = (name: string) => `${world.hub.host}/acme/${name}`;

describe('the summary of a build', () => {
  it('tells what came from the cache, how long it took, and how to pull it', async () => {
    const { step } = await build(hub('facts'));
    expect(step.summary).toContain('| 1 of 2 |');
    expect(step.summary).toMatch(/\| Took \| build \d+\.\d s, publish \d+\.\d s \|/);
    expect(step.summary).toContain(`docker pull ${hub('facts')}@${layout.digest}`);
  });

  it('says nothing of a pull where nothing was published', async () => {
    const { step } = await build(hub('kept'), { inputs: { push: 'false' } });
    expect(step.summary).not.toContain('docker pull');
    expect(step.summary).not.toContain('git tag');
  });
});

describe('the commands that would release this commit', () => {
  it.each<[string, readonly string[], string, string]>([
    ['follow the git tags', ['v1.9.0', 'v1.10.0', 'v2.0.0-rc.1'], 'v1.10.1', 'v1.11.0'],
    ['keep a spelling without v', ['0.3.0'], '0.3.1', '0.4.0'],
  ])('%s', async (name, gitTags, patch, minor) => {
    const { step } = await build(hub(`release-${name.length}`), { gitTags });
    for (const tag of [patch, minor])
      expect(step.summary).toContain(`git tag -s ${tag} -m ${tag} ${sha} && git push origin ${tag}`);
  });

  it('follow the tags of the image where the checkout has none', async () => {
    const at = { registry: world.hub.host, repository: 'acme/shallow' };
    await build(hub('shallow'));
    const repository = new Registries({ credentials: noCredentials }).repository(at, 'push');
    await repository.putManifest(await repository.manifest(layout.digest), 'v3.1.4');
    const { step } = await build(hub('shallow'));
    expect(step.summary).toContain('git tag -s v3.1.5 ');
  });

  it('stand in no summary of a tag or of another branch', async () => {
    const branch = { GITHUB_REF: 'refs/heads/topic', GITHUB_REF_NAME: 'topic' };
    const tag = { GITHUB_REF: 'refs/tags/v1.0.0', GITHUB_REF_NAME: 'v1.0.0' };
    for (const [name, env] of Object.entries({ branch, tag })) {
      const { step } = await build(hub(`no-release-${name}`), { env });
      expect(step.summary).not.toContain('git tag');
    }
  });
});

describe('a package of GHCR', () => {
  it('is looked at when it is new, and the page is named where a person makes it public', async () => {
    const { step, asked } = await build(ghcr('fresh'));
    const settings = 'https://github.com/orgs/acme/packages/container/fresh/settings';
    expect(step.summary).toContain(`](${settings})`);
    expect(notices(step).map(({ message }) => message)).toContainEqual(expect.stringContaining(settings));
    expect(asked.some((one) => one.includes('/packages/container/'))).toBe(true);
  });

  it('gives no notice in a private repository, where it is private for good', async () => {
    const event = { ...pushEvent(), repository: { ...repositoryPayload(), private: true } };
    const { step } = await build(ghcr('closed'), { event });
    expect(step.summary).toContain('/packages/container/closed/settings');
    expect(notices(step)).toEqual([]);
  });
});

it('a push asks the API of GitHub for the policy and for nothing else', async () => {
  const { asked } = await build(hub('quiet'));
  expect(asked.filter((one) => !one.startsWith('/repos/acme/app/contents/'))).toEqual([]);
  const { asked: local } = await build(hub('quieter'), { env: { GITHUB_ACTIONS: '', PLIMSOLL_POLICY_FILE: 'none' } });
  expect(local).toEqual([]);
});
