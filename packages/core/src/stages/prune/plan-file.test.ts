import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acceptPlan } from './drift.ts';
import { type PrunePlan, readPlan, writePlan } from './plan-file.ts';

const RETENTION = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] };
const PACKAGE = 'ghcr.io/acme/app';
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-plan-'));
  file = path.join(folder, 'below', 'plan.json');
});

afterEach(() => rm(folder, { recursive: true }));

function scene(): PruneScene {
  const at = new PruneScene();
  at.retention = RETENTION;
  at.shapes.multiPlatform('kept', { tags: ['v1'] });
  at.shapes.multiPlatform('old', { tags: ['dev-1'] });
  at.wait(10);
  return at;
}

async function planOf(at: PruneScene): Promise<PrunePlan> {
  await writePlan(file, (await at.plan()).plan);
  return readPlan(file, PACKAGE);
}

it('reads back what was written, and says why each version stays', async () => {
  const { plan: made } = await scene().plan();
  const { hash } = await writePlan(file, made);
  const plan = await readPlan(file, PACKAGE);
  expect(plan).toEqual({ ...made, keep: [...made.keep], hash });
  expect([...plan.keep].map((item) => [item.rule, item.path.map((step) => step.as)])).toContainEqual([
    'no-channel',
    ['root', 'child'],
  ]);
});

it('says the same of the same package, whatever the time', async () => {
  const at = scene();
  const [first, second] = [await planOf(at), await planOf(at)];
  expect([second.hash, second.inventoryDigest]).toEqual([first.hash, first.inventoryDigest]);
});

it.each([
  ['an edited rule', (text: string) => text.replace('dev/expired', 'dev/other')],
  ['a deletion added by hand', (text: string) => text.replace('"delete":[', '"delete":[{"id":1},')],
  [
    'another hash',
    (text: string) =>
      text.replace(
        /("hash":"sha256:)(.)/,
        (_all, name: string, first: string) => `${name}${first === '0' ? '1' : '0'}`,
      ),
  ],
  ['an unknown key', (text: string) => text.replace('{', '{"extra":1,')],
  ['half a file', (text: string) => text.slice(0, 200)],
  ['something else', () => '[]'],
])('refuses %s', async (_what, change) => {
  await planOf(scene());
  await writeFile(file, change(await readFile(file, 'utf8')));
  await expect(readPlan(file, PACKAGE)).rejects.toMatchObject({ code: 'input-invalid' });
});

it('refuses a plan of another package, and one that is not there', async () => {
  await planOf(scene());
  await expect(readPlan(file, 'ghcr.io/acme/other')).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(readPlan(path.join(folder, 'none'), PACKAGE)).rejects.toMatchObject({ code: 'file-unreadable' });
});

it('accepts what is left of a plan, and leaves what is new for the next', async () => {
  const at = scene();
  const plan = await planOf(at);
  at.state.delete(plan.delete[0]?.id ?? 0);
  at.shapes.image('new', { tags: ['dev-9'] });
  const left = acceptPlan(plan, await at.plan());
  expect(left.map((item) => item.id)).toEqual(plan.delete.slice(1).map((item) => item.id));
});

it.each([
  [
    'a planned version was tagged',
    (at: PruneScene, plan: PrunePlan) => at.state.tag('v2', plan.delete[0]?.digest ?? ''),
  ],
  [
    'a planned child is needed',
    (at: PruneScene, plan: PrunePlan) => at.shapes.index([plan.delete[1]?.digest ?? ''], { tags: ['v3'] }),
  ],
  ['a planned version lost its tag', (at: PruneScene) => at.state.tag('dev-1', at.shapes.image('other'))],
  [
    'the policy changed',
    (at: PruneScene) => void Object.assign(at, { retention: { ...RETENTION, protect: { tags: ['other-*'] } } }),
  ],
])('refuses a plan when %s', async (_what, change) => {
  const at = scene();
  const plan = await planOf(at);
  change(at, plan);
  const now = await at.plan();
  expect(() => acceptPlan(plan, now)).toThrow(expect.objectContaining({ code: 'prune-drift' }));
});
