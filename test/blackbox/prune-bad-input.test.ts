import { failureCode, type PruneBed, startPruneBed } from '@plimsoll/testkit/github/prune-bed';
import type { RestResponse } from '@plimsoll/testkit/github/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let bed: PruneBed;
beforeEach(async () => {
  bed = await startPruneBed();
});

afterEach(() => bed[Symbol.asyncDispose]());

const deletions = () => bed.world.github.packages.count('DELETE', /./);
const denied = (status: number, message: string): RestResponse => ({
  status,
  headers: {},
  body: JSON.stringify({ message }),
});

describe('prune given what it cannot work with', () => {
  it('says which scope a token lacks to read, and which to delete', async () => {
    const { doomed, kept } = bed.fleet();
    const { packages } = bed.world.github;
    packages.onRequest = ({ target }) =>
      target.includes('/versions')
        ? denied(403, "You need at least read:packages scope to get a package's versions.")
        : undefined;
    const blind = await bed.prune({ mode: 'apply' });
    packages.onRequest = ({ method }) =>
      method === 'DELETE' ? denied(403, 'Resource not accessible by integration') : undefined;
    const bound = await bed.prune({ mode: 'apply' });
    expect([failureCode(blind), failureCode(bound)]).toEqual(['github-denied', 'github-denied']);
    expect(bound.shown).toContain('packages: write');
    expect(bed.alive([...doomed, ...kept])).toHaveLength(doomed.length + kept.length);
  });

  it('takes an owner of the wrong kind, and one that is not there, for no empty package', async () => {
    bed.fleet();
    const { packages } = bed.world.github;
    packages.onRequest = ({ target }) =>
      target === '/users/acme'
        ? { status: 200, headers: {}, body: '{"login":"acme","id":1,"type":"User"}' }
        : undefined;
    const wrong = await bed.prune({ mode: 'apply' });
    packages.onRequest = ({ target }) => (target === '/users/acme' ? denied(404, 'Not Found') : undefined);
    const absent = await bed.prune({ mode: 'apply' });
    expect([failureCode(wrong), failureCode(absent)]).toEqual(['package-not-found', 'package-not-found']);
    expect(deletions()).toBe(0);
  });

  it('stops at a policy that would empty a channel, with the plan written', async () => {
    bed.setFile(`
retention:
  channels:
    - { name: release, match: [v*], keep: { younger-than: 1d } }
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  protect: { tags: [] }
  guards: { max-percent: 100 }
`);
    bed.shapes.record();
    bed.shapes.multiPlatform('release', { tags: ['v1.0.0'] });
    bed.shapes.multiPlatform('other', { tags: ['dev-1'] });
    const run = await bed.prune({ mode: 'apply' });
    expect([failureCode(run), run.outputs['planned'], deletions()]).toEqual(['prune-guard', '10', 0]);
    expect(run.shown).toContain('min-survivors');
  });

  it('dooms nothing by age when the clock of one side is wrong, and says so', async () => {
    const { state, shapes } = bed;
    shapes.record();
    shapes.image('kept', { tags: ['v1.0.0'] });
    const loose = state.live(shapes.image('from the future'));
    Object.assign(loose ?? {}, { createdAt: Date.now() + 400 * 86_400_000 });
    const run = await bed.prune({ mode: 'apply' });
    expect([run.exitCode, run.outputs['deleted'], state.count]).toEqual([0, '0', 3]);
    expect(run.annotations.map(({ message }) => message)).toContainEqual(expect.stringContaining('in the future'));
  });

  it('survives two runs at once, each taking the deletions of the other for done', async () => {
    const { kept, doomed } = bed.fleet();
    const runs = await Promise.all([bed.prune({ mode: 'apply' }), bed.prune({ mode: 'apply' })]);
    expect(runs.map((run) => [run.exitCode, failureCode(run)])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
    const deleted = runs.reduce((sum, run) => sum + Number(run.outputs['deleted']), 0);
    expect([deleted, bed.alive(doomed), bed.alive(kept).length]).toEqual([doomed.length, [], kept.length]);
    expect(bed.state.broken()).toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, index) => index * 2))(
    'breaks nothing when an image is pushed and a tag is moved before request %i of a run',
    async (number) => {
      const { kept, doomed } = bed.fleet();
      const { registry, shapes, state } = bed;
      let count = 0;
      let pushed: string[] = [];
      const inject = () => {
        if (count++ !== number) return;
        const children = doomed.slice(1, 3).filter((digest) => state.live(digest) !== undefined);
        pushed = [shapes.index(children, { tags: ['v3.0.0'], note: 'pushed' }), ...children];
        state.tag('latest', kept[0] ?? '');
      };
      bed.world.github.packages.onRequest = () => {
        inject();
        return undefined;
      };
      registry.onRequest = () => {
        inject();
        return false;
      };
      const run = await bed.prune({ mode: 'apply' });
      expect([undefined, 'prune-restored', 'inventory-incomplete']).toContain(failureCode(run));
      expect(count).toBeGreaterThan(number);
      expect(bed.alive([...kept, ...pushed])).toHaveLength(kept.length + pushed.length);
      expect(state.broken()).toEqual([]);
    },
  );
});
