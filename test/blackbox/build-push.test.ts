import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { forbiddenBuilder, replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { pushEvent, repositoryPayload } from '@plimsoll/testkit/world/identity';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const PULL_REQUEST: Variables = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' };

let world: World;
let registry: FaultBoard;
let builder: string;
let workspace: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  registry = new FaultBoard(world.ghcr.front);
  const image = { architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] };
  builder = replayingBuilder(
    world.lifetime.folder('builder'),
    await writeImageLayout(world.lifetime.folder('made'), [image]),
  );
  workspace = world.lifetime.folder('workspace');
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch\nCOPY app /app\n');
});
afterAll(() => world.close());

interface Asked {
  readonly push: string;
  readonly env?: Variables;
  readonly from?: string;
}

function build(name: string, { push, env = {}, from }: Asked): Promise<ActionRun> {
  const head = { repo: repositoryPayload(from) };
  const event = from === undefined ? pushEvent() : { ...pushEvent(), pull_request: { number: 7, head } };
  const inputs = { image: `${world.ghcr.host}/acme/${name}`, push };
  return runAction({
    action: 'build',
    world,
    cwd: workspace,
    event,
    inputs,
    env: { PLIMSOLL_TOOL_BUILDX: builder, ...env },
  });
}

const notices = ({ annotations }: ActionRun) => annotations.filter(({ level }) => level === 'notice');

describe('push: auto', () => {
  it('publishes what a branch gives', async () => {
    const step = await build('branch', { push: 'auto' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['pushed']).toBe('true');
    expect(registry.manifests('acme/branch')).toContain(step.outputs['digest']);
  });

  it.each<[string, Omit<Asked, 'push'>, string]>([
    ['request', { env: PULL_REQUEST, from: 'acme/app' }, '#7'],
    ['fork', { env: PULL_REQUEST, from: 'stranger/app' }, 'stranger/app'],
    ['dependabot', { env: { GITHUB_ACTOR: 'dependabot[bot]' } }, 'Dependabot'],
  ])('builds for a %s, publishes nothing and says so', async (name, asked, reason) => {
    const step = await build(name, { push: 'auto', ...asked });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['pushed']).toBe('false');
    expect(step.outputs['digest']).toMatch(/^sha256:/);
    expect(notices(step).map(({ message }) => message)).toContainEqual(expect.stringContaining(reason));
    expect(registry.requests(`acme/${name}`)).toEqual([]);
  });
});

it('push: true on the pull request of a fork fails before anything is built', async () => {
  const never = forbiddenBuilder(world.lifetime.folder('forbidden'));
  const env = { ...PULL_REQUEST, PLIMSOLL_TOOL_BUILDX: never.file };
  const step = await build('refused', { push: 'true', env, from: 'stranger/app' });
  expect(codeOf(step)).toBe('input-conflict');
  expect(step.shown).toContain('stranger/app');
  expect(registry.requests('acme/refused')).toEqual([]);
});
