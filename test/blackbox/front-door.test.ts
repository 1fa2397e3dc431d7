import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { repositoryPayload } from '@plimsoll/testkit/world/identity';
import { serveLocally } from '@plimsoll/testkit/world/local-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Given = Readonly<Record<string, string>>;

let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

function folder(name: string): string {
  const directory = path.join(bed.bed.world.directory, 'front-door', name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'Dockerfile'), 'FROM scratch\n');
  return directory;
}

/** The plan of the whole path, which reads every input and writes nothing. */
function plan(name: string, inputs: Given, env: Given = {}, event?: Record<string, unknown>): Promise<ActionRun> {
  const { world } = bed.bed;
  const given = { image: `${world.ghcr.host}/acme/app`, 'dry-run': 'true', ...inputs };
  return runAction({
    action: 'pipeline',
    world,
    cwd: folder(name),
    inputs: given,
    env,
    ...(event === undefined ? {} : { event }),
  });
}

describe('a secret that nobody set is an empty string', () => {
  it('for a registry that wants a login: nothing is written, and the hint says so', async () => {
    const step = await bed.promote('acme/no-secret', { 'dest-username': '', 'dest-password': '' });
    expect(bed.outcome(step, 'acme/no-secret')).toMatchObject({ code: 'registry-denied', image: false, tags: '' });
    expect(step.shown).toContain('A secret that nobody set is an empty string.');
    expect(bed.quay.manifests('acme/no-secret')).toEqual([]);
  });
});

describe('a run that somebody starts in a fork', () => {
  const event = { repository: { ...repositoryPayload('stranger/app'), fork: true }, inputs: {} };
  const env = {
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_REPOSITORY: 'stranger/app',
    GITHUB_REPOSITORY_OWNER: 'stranger',
  };

  it('does not promote what the fork did not sign itself', async () => {
    const { world } = bed.bed;
    world.github.repositories.names.add('stranger/app');
    const request = { action: 'promote', world, inputs: bed.inputs('acme/from-a-fork'), event, env };
    const step = await runAction(request);
    expect(codeOf(step), step.log).toBe('verify-untrusted');
    expect(bed.quay.writes('acme/from-a-fork')).toEqual([]);
  });

  it('plans tags as the branch that it is of, and never those of the repository that it is a fork of', async () => {
    const step = await plan('fork', { push: 'auto' }, { ...env, GITHUB_REF: 'refs/heads/attack' }, event);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['tags']?.split('\n')).not.toContain('latest');
  });
});

describe('the name of an organisation with capitals', () => {
  it('is that of its packages in lower case, as every registry has it', async () => {
    const { host } = bed.bed.world.ghcr;
    const step = await plan('capitals', { image: `${host}/ComplyTime/App` });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['references']).toContain(`${host}/complytime/app:sha-`);
    expect(step.log).not.toContain('ComplyTime/App');
  });
});

describe('GitHub on a server of its own', () => {
  it('is asked below /api/v3, and what it signs is looked for under its name', async () => {
    const { world } = bed.bed;
    const asked: string[] = [];
    const { url } = await serveLocally(world.lifetime, async (request, response) => {
      asked.push(request.url ?? '');
      const below = (request.url ?? '').replace(/^\/api\/v3/, '');
      const answer = await fetch(world.github.apiUrl + below, {
        headers: { authorization: request.headers.authorization ?? '' },
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    const env = { GITHUB_API_URL: `${url}/api/v3/`, GITHUB_SERVER_URL: 'https://git.example.com' };
    const request = { action: 'verify', world, env };
    const inputs = {
      image: bed.bed.at(bed.good.digest),
      'trusted-root': world.sigstore.trustedRoot,
      'certificate-oidc-issuer': world.sigstore.issuer,
    };
    const step = await runAction({ ...request, inputs });
    // The image was signed by a workflow on github.com: another server's repository of the same name is another repository.
    expect(codeOf(step), step.log).toBe('verify-untrusted');
    expect(step.shown).toContain('https://git.example.com/acme/app');
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((each) => !each.startsWith('/api/v3/repos/acme/app/'))).toEqual([]);
  });
});

/** What a shell, the runner or a template language would do something with. */
const EVIL = [
  '$(touch pwned)',
  '`touch pwned`',
  "'; touch pwned; '",
  '"; touch pwned; "',
  '${{ github.token }}',
  '{{sha}}{{evil}}',
  '::stop-commands::x',
  '&& touch pwned',
];

describe('a name that tries to be a command', () => {
  it.each(EVIL)('as branch is no tag: %s', async (evil) => {
    const name = `evil-branch-${EVIL.indexOf(evil)}`;
    const step = await plan(name, {}, { GITHUB_REF: `refs/heads/${evil.replaceAll(' ', '${IFS}')}` });
    expect(codeOf(step), step.log).toBe('input-invalid');
    expectInert(step, name);
  });

  it.each(EVIL.filter((text) => !text.includes('{{')))(
    'as label, annotation and build argument is what it says: %s',
    async (evil) => {
      const name = `evil-label-${EVIL.indexOf(evil)}`;
      const inputs = { labels: `title=${evil}`, 'build-args': `NAME=${evil}`, annotations: `note=${evil}` };
      const step = await plan(name, inputs);
      expect(codeOf(step), step.log).toBeUndefined();
      expect(step.outputs['labels']).toContain(`title=${evil}`);
      expectInert(step, name);
    },
  );

  it.each(['${{ github.token }}', '{{sha}}{{evil}}'])('as label it is no expression: %s', async (evil) => {
    expect(codeOf(await plan('evil-expression', { labels: `title=${evil}` }))).toBe('input-invalid');
  });

  it.each(['ghcr.io/acme/$(id)', 'ghcr.io/acme/app;id', 'ghcr.io/acme/app\nother=1', '-v/acme/app'])(
    'as image is refused: %j',
    async (image) => {
      const step = await plan('evil-image', { image });
      expect(codeOf(step)).toMatch(/^(?:reference-invalid|input-invalid)$/);
      expect(step.outputs['other']).toBeUndefined();
    },
  );

  it.each(['type=raw,value=$(id)', '1.0;id', 'a b', '-rf'])('as tag is refused or made a tag: %s', async (tags) => {
    const step = await plan('evil-tag', { tags });
    const written = step.outputs['tags']?.split('\n') ?? [];
    for (const tag of written) expect(tag).toMatch(/^\w[\w.-]{0,127}$/);
    expect(codeOf(step) ?? (written.length > 0 ? 'a tag' : 'nothing')).toMatch(/^(?:input-invalid|a tag)$/);
  });
});

/** No shell has read it, and the runner has not been told anything by it. */
function expectInert(step: ActionRun, name: string): void {
  expect(readdirSync(folder(name))).toEqual(['Dockerfile']);
  expect(step.log).not.toMatch(/^::stop-commands/m);
  expect(step.shown).not.toContain(bed.bed.world.github.token);
}
