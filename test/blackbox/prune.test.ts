import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fallbackTag, Shapes } from '@plimsoll/testkit/github/image-shapes';
import { failureCode, type PruneBed, startPruneBed } from '@plimsoll/testkit/github/prune-bed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  guards: { max-percent: 100 }
`;

let bed: PruneBed;
let world: PruneBed['world'];
let registry: PruneBed['registry'];
let state: PruneBed['state'];
let shapes: PruneBed['shapes'];
let prune: PruneBed['prune'];
let fleet: PruneBed['fleet'];
let alive: PruneBed['alive'];
beforeEach(async () => {
  bed = await startPruneBed();
  ({ world, registry, state, shapes, prune, fleet, alive } = bed);
});

afterEach(() => bed[Symbol.asyncDispose]());

describe('prune', () => {
  it('plans by default and deletes nothing', async () => {
    const { doomed } = fleet();
    const run = await prune();
    expect([run.exitCode, failureCode(run)]).toEqual([0, undefined]);
    const plan = JSON.parse(readFileSync(run.outputs['plan'] ?? '', 'utf8')) as { delete: { digest: string }[] };
    expect(plan.delete.map((item) => item.digest).toSorted()).toEqual(doomed.toSorted());
    expect(run.outputs).toMatchObject({ planned: '7', deleted: '0', kept: '7' });
    expect(Number(run.outputs['reclaimed-bytes'])).toBeGreaterThan(0);
    expect(run.summary).toContain('Prune plan');
    expect(world.github.packages.count('DELETE', /./)).toBe(0);
  });

  it('applies, and leaves every kept image whole', async () => {
    const { kept, doomed } = fleet();
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, failureCode(run)]).toEqual([0, undefined]);
    expect(run.outputs).toMatchObject({ planned: '7', deleted: '7', kept: '7' });
    expect([alive(kept).length, alive(doomed)]).toEqual([kept.length, []]);
    expect(state.broken()).toEqual([]);
    const lines = run.log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect(lines.join('\n')).not.toContain(world.token);
  });

  it('applies a plan made earlier, and only that', async () => {
    const { doomed } = fleet();
    const { outputs } = await prune();
    const later = shapes.image('later', { tags: ['dev-2'] });
    const run = await prune({ mode: 'apply', plan: outputs['plan'] ?? '' });
    expect([run.exitCode, run.outputs['deleted']]).toEqual([0, '7']);
    expect(alive([...doomed, later])).toEqual([later]);
    const again = await prune({ mode: 'apply', plan: outputs['plan'] ?? '' });
    expect([again.exitCode, again.outputs['deleted']]).toEqual([0, '0']);
  });

  it('refuses a plan that no longer fits, was edited, or is of another package', async () => {
    const { doomed } = fleet();
    const { outputs, temp } = await prune();
    const file = outputs['plan'] ?? '';
    const edited = path.join(temp, 'edited.json');
    writeFileSync(edited, readFileSync(file, 'utf8').replace('dev/expired', 'dev/expiree'));
    world.github.packages.adopt({ owner: 'acme', pkg: 'other' }, state);
    state.tag('v2.0.0', doomed[0] ?? '');
    const runs = [
      await prune({ mode: 'apply', plan: file }),
      await prune({ mode: 'apply', plan: edited }),
      await prune({ mode: 'apply', plan: file, package: 'acme/other' }),
      await prune({ mode: 'apply', plan: path.join(temp, 'nowhere.json') }),
      await prune({ plan: file }),
    ];
    expect(runs.map((run) => [run.exitCode, failureCode(run)])).toEqual([
      [1, 'prune-drift'],
      [1, 'input-invalid'],
      [1, 'input-invalid'],
      [1, 'file-unreadable'],
      [1, 'input-conflict'],
    ]);
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('stops at the guards with the plan written', async () => {
    const { doomed } = fleet();
    const many = await prune({ mode: 'apply', 'max-deletes': '6' });
    const share = await prune({ mode: 'apply', 'max-percent': '40' });
    expect([failureCode(many), failureCode(share)]).toEqual(['prune-guard', 'prune-guard']);
    expect([many.outputs['planned'], many.outputs['deleted'], many.outputs['kept']]).toEqual(['7', '0', '14']);
    expect(readFileSync(many.outputs['plan'] ?? '', 'utf8')).toContain('"delete"');
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('reads each manifest once, whatever runs come after, and says why what was asked for goes or stays', async () => {
    const { kept, doomed } = fleet();
    const reads = () =>
      registry.requests.filter(({ method, path: at }) => method === 'GET' && at.includes('/manifests/')).length;
    const cache = path.join(world.directory, 'manifests');
    await prune({ 'manifest-cache': cache });
    const cold = reads();
    const { shown, summary } = await prune({ 'manifest-cache': cache, explain: `dev-1, ${kept[1]}` });
    expect([cold > 0, reads()]).toEqual([true, cold]);
    for (const text of [shown, summary]) {
      expect(text).toContain('dev-1: to be deleted by the rule dev/expired');
      expect(text).toContain(`${kept[1]}: kept by the rule`);
    }
    expect((await prune({ mode: 'apply', 'manifest-cache': cache })).outputs['deleted']).toBe(String(doomed.length));
  });

  it('takes evidence of an image that is gone from the package it was in, and stops when that cannot be asked', async () => {
    shapes.record();
    const images = new Shapes(world.github.packages.package({ owner: 'acme', pkg: 'images' }));
    const image = images.image('image', { tags: ['v1.0.0'] });
    const about = (digest: string) => shapes.image(digest, { tags: [fallbackTag(digest, '.sig')] });
    const [kept, gone] = [about(image), about(`sha256:${'e'.repeat(64)}`)];
    const evidenceOf = (name: string) =>
      bed.setFile(`retention: { evidence-of: [${registry.host}/acme/${name}], guards: { max-percent: 100 } }`);
    evidenceOf('imagse');
    const mistyped = await prune({ mode: 'apply' });
    expect([failureCode(mistyped), bed.alive([kept, gone])]).toEqual(['registry-not-found', [kept, gone]]);
    evidenceOf('images');
    const run = await prune({ mode: 'apply', explain: gone });
    expect([run.exitCode, run.outputs['deleted'], bed.alive([kept, gone])]).toEqual([0, '1', [kept]]);
    expect(run.shown).toContain('evidence/subject-gone');
  });

  it('reads no manifest when the policy dooms nothing', async () => {
    shapes.image('a', { tags: ['v1.0.0'] });
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, run.outputs['planned']]).toEqual([0, '0']);
    expect(registry.requests).toEqual([]);
  });

  it.each([
    [{ package: '' }, 'input-missing'],
    [{ package: 'quay.io/acme/app', driver: 'github' }, 'input-invalid'],
    [{ package: 'app' }, 'input-invalid'],
    [{ package: 'acme/app:v1' }, 'reference-invalid'],
    [{ mode: 'delete' }, 'input-invalid'],
    [{ 'max-percent': '101' }, 'input-invalid'],
    [{ 'max-deletes': 'many' }, 'input-invalid'],
    [{ 'dry-run': 'true' }, 'input-unknown'],
    [{ package: 'acme/nothing' }, 'package-not-found'],
  ])('refuses %j with %s', async (inputs, expected) => {
    const run = await prune(inputs);
    expect([run.exitCode, failureCode(run)]).toEqual([1, expected]);
  });

  it('says which token is needed, and deletes nothing else, when the Admin role is missing', async () => {
    const { doomed } = fleet();
    world.github.packages.onRequest = (request) =>
      request.method === 'DELETE' ? { status: 404, headers: {}, body: '{"message":"Package not found."}' } : undefined;
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, failureCode(run)]).toEqual([1, 'github-denied']);
    expect(run.shown).toContain('packages: write');
    expect(world.github.packages.count('DELETE', /./)).toBe(1);
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('spares what is tagged between the plan and its deletion', async () => {
    const { kept } = fleet();
    const late = shapes.multiPlatform('late', { tags: ['dev-9'] });
    let tagged = false;
    registry.onRequest = (request) => {
      // The tags are listed once for the plan; the second time is just before the first batch.
      const looks = registry.requests.filter((one) => one.path.includes('/tags/list')).length;
      if (looks === 2 && !tagged && request.path.includes('/tags/list')) state.tag('v2.0.0', late.index);
      tagged ||= looks === 2;
      return false;
    };
    const run = await prune({ mode: 'apply' });
    expect(run.exitCode).toBe(0);
    expect(alive([late.index, ...late.children, ...kept])).toHaveLength(5 + kept.length);
    expect(state.broken()).toEqual([]);
  });

  it('stops with the policy file at fault, naming the place', async () => {
    fleet();
    world.github.setFile(
      'acme/app',
      '.github/plimsoll.yml',
      POLICY.replace('dev-*', 'dev-[').replace('[dev-[]', '["dev-["]'),
    );
    const run = await prune();
    expect([run.exitCode, failureCode(run)]).toEqual([1, 'policy-invalid']);
    expect(world.github.packages.requests.filter((request) => request.target.includes('/packages/'))).toEqual([]);
  });
});
