import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { forbiddenBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const IMAGE = 'ghcr.io/acme/app';
const PASSWORD = 'hunter2-hunter2';
const POLICY = '.github/plimsoll.yml';

type Given = Readonly<Record<string, string>>;

let world: World;
let builder: ReturnType<typeof forbiddenBuilder>;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  builder = forbiddenBuilder(world.lifetime.folder('builder'));
});
afterAll(() => world.close());
afterEach(() => {
  world.github.repositories.unreadable.clear();
  world.github.repositories.removeFile('acme/app', POLICY);
});

/** What each action cannot do without. */
const ENOUGH: Readonly<Record<string, Given>> = {
  build: { image: IMAGE },
  pipeline: { image: IMAGE },
  promote: { source: `${IMAGE}@sha256:${'a'.repeat(64)}`, destination: 'quay.io/acme/app', tags: 'latest' },
};

interface Options {
  readonly event?: Record<string, unknown>;
  readonly env?: Given;
  readonly cwd?: string;
}

function run(action: string, inputs: Given, options: Options = {}): Promise<ActionRun> {
  const env = { PLIMSOLL_TOOL_BUILDX: builder.file, ...options.env };
  return runAction({ ...options, action, world, inputs: { ...ENOUGH[action], ...inputs }, env });
}

/** The step failed with this code before it did anything, and told no secret. */
function expectRefused(step: ActionRun, code: string): void {
  expect(codeOf(step), step.log).toBe(code);
  expect(step.shown).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(leaksOf(step, [...secretForms('octo', world.token), ...secretForms('acme+robot', PASSWORD)])).toEqual([]);
  expect(existsSync(builder.marker)).toBe(false);
  expect(world.ghcr.front.requests).toEqual([]);
}

function forkEvent(): Record<string, unknown> {
  const { head_commit: _commit, ...event } = pushEvent();
  return { ...event, pull_request: { number: 7, head: { repo: repositoryPayload('stranger/app') } } };
}

describe.each(Object.keys(ENOUGH))('%s', (action) => {
  it('refuses an input that it does not have, and names the nearest', async () => {
    const step = await run(action, { polcy: 'x' });
    expectRefused(step, 'input-unknown');
    expect(step.shown).toContain('Did you mean "policy:"?');
  });

  it('takes nothing but true and false for a boolean', async () => {
    expectRefused(await run(action, { 'dry-run': 'yes' }), 'input-invalid');
  });

  it('does not quote the password of a registry-auth that it cannot read', async () => {
    for (const text of [`- registry: quay.io\n  pasword: ${PASSWORD}\n`, `{ quay.io: ${PASSWORD}`, PASSWORD]) {
      expectRefused(await run(action, { 'registry-auth': text }), 'credentials-invalid');
    }
  });

  it('names file, line and column of a policy that does not parse', async () => {
    world.github.setFile('acme/app', POLICY, 'scan:\n  severity: [HIGH\n  fixable-only: true\n');
    const step = await run(action, {});
    expectRefused(step, 'policy-invalid');
    expect(step.shown).toMatch(/\.github\/plimsoll\.yml:[23]:\d+/);
  });

  it('names the place of a rule that the policy does not have', async () => {
    world.github.setFile('acme/app', POLICY, 'scan:\n  severities: [HIGH]\n');
    const step = await run(action, {});
    expectRefused(step, 'policy-invalid');
    expect(step.shown).toContain('.github/plimsoll.yml:2:3');
  });

  it('tells a policy that it may not read from one that is not there', async () => {
    world.github.repositories.unreadable.add('acme/app');
    const step = await run(action, {});
    expectRefused(step, 'policy-unreadable');
    expect(step.shown).toContain('contents: read');
  });

  it('does not do without a policy that was named', async () => {
    expectRefused(await run(action, { policy: 'ci/other.yml' }), 'input-invalid');
  });
});

describe.each(['build', 'pipeline'])('%s', (action) => {
  it.each<[string, Given, string]>([
    ['no image', { image: '' }, 'input-missing'],
    ['a tag where a repository is due', { image: `${IMAGE}:latest` }, 'reference-invalid'],
    ['a digest where a repository is due', { image: `${IMAGE}@sha256:${'a'.repeat(64)}` }, 'reference-invalid'],
    ['an address', { image: 'https://ghcr.io/acme/app' }, 'reference-invalid'],
    ['a URL of no repository as context', { context: 'https://github.com/acme/app.tar.gz' }, 'input-invalid'],
    ['half a platform', { platforms: 'linux' }, 'input-invalid'],
    ['one platform twice', { platforms: 'linux/amd64,linux/amd64' }, 'input-invalid'],
    ['a build argument without a value', { 'build-args': 'TOKEN' }, 'input-invalid'],
    ['a tag that is none', { tags: 'x'.repeat(129) }, 'input-invalid'],
    ['two names that become one tag', { tags: 'a/b\na-b' }, 'input-invalid'],
    ['an entry of no known type', { tags: 'type=shaa' }, 'input-invalid'],
    ['an expression that is none', { tags: 'type=raw,value={{#if x}}y{{/if}}' }, 'input-invalid'],
    ['another word for push', { push: 'maybe' }, 'input-invalid'],
    ['a variant that no processor has', { platforms: 'linux/arm/v99' }, 'input-invalid'],
    ['an annotation of a platform that is not built', { annotations: 'manifest[linux/arm64]:a=b' }, 'input-invalid'],
    ['a context with a password', { 'build-contexts': 'a=https://u:p@host.example/x.git' }, 'input-invalid'],
    ['an SBOM generator by its tag', { 'sbom-generator': 'docker/scanner:latest' }, 'digest-required'],
    ['quotes that do not end', { 'build-args': '"A=1' }, 'input-invalid'],
  ])('refuses %s', async (_name, inputs, code) => {
    expectRefused(await run(action, inputs), code);
  });

  it('names every place where it looked for a Dockerfile', async () => {
    const step = await run(action, { push: 'false' });
    expectRefused(step, 'dockerfile-missing');
    for (const place of ['Dockerfile', 'Containerfile', 'docker/Dockerfile', 'build/Dockerfile']) {
      expect(step.annotations.find(({ level }) => level === 'error')?.message).toContain(`/${place}`);
    }
  });

  it('names the Dockerfile that was asked for and is not there', async () => {
    const step = await run(action, { file: 'ci/Dockerfile.web', push: 'false' });
    expectRefused(step, 'dockerfile-missing');
    expect(step.shown).toContain('ci/Dockerfile.web');
  });

  it('refuses to push for a pull request from a fork', async () => {
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };
    expectRefused(await run(action, { push: 'true' }, { event: forkEvent(), env }), 'input-conflict');
  });

  it('needs no builder and asks no registry for a dry run', async () => {
    const cwd = workspace();
    writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\n');
    const env = { PLIMSOLL_TOOL_BUILDX: '', ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const step = await run(action, { 'dry-run': 'true', push: 'true' }, { cwd, env });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['pushed']).toBe('false');
    expect(step.outputs['digest'] ?? '').toBe('');
    expect(step.shown).toContain(`Would build ${path.join(cwd, 'Dockerfile')}`);
    expect(step.shown).not.toContain('Downloading');
    expect(world.ghcr.front.requests).toEqual([]);
  });
});

describe('build', () => {
  it.each<[string, Given]>([
    ['tags where nothing is uploaded', { 'tag-now': 'true' }],
    ['tags of a shard', { 'tag-now': 'true', mode: 'shard' }],
    ['scanners where nothing is scanned', { 'enable-osv': 'false' }],
    ['a source where nothing is scanned', { source: 'src' }],
  ])('refuses %s', async (_name, inputs) => {
    expectRefused(await run('build', inputs), 'input-conflict');
  });
});

describe('promote', () => {
  it.each<[string, Given, string]>([
    ['no tags', { tags: '' }, 'input-missing'],
    ['a source without tag or digest', { source: IMAGE }, 'digest-required'],
    ['half a digest', { source: `${IMAGE}@sha256:abc` }, 'digest-invalid'],
    ['a tag where the destination is due', { destination: 'quay.io/acme/app:latest' }, 'reference-invalid'],
    ['a tag that is none', { tags: 'feature/x' }, 'input-invalid'],
    ['a password without a user name', { 'dest-password': PASSWORD }, 'input-conflict'],
    ['a user name without a password', { 'source-username': 'acme+robot' }, 'input-conflict'],
    ['an identity that matches everything', { 'certificate-identity': '.*' }, 'input-invalid'],
  ])('refuses %s', async (_name, inputs, code) => {
    expectRefused(await run('promote', inputs), code);
  });
});

function workspace(): string {
  const directory = path.join(world.directory, 'workspace');
  mkdirSync(directory, { recursive: true });
  return directory;
}
