import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';

const DEV = [{ name: 'dev', match: ['dev-*'], keep: { last: 1 } }];

/** A package of some pages, of which a run had the whole list; nothing of it is to go. */
async function known(): Promise<PruneScene> {
  const at = new PruneScene();
  at.planes.pageSize = 10;
  at.retention = { channels: DEV };
  at.cache = new Map();
  for (let number = 0; number < 12; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`v1.0.${number}`] });
  at.shapes.image('dev', { tags: ['dev-1'] });
  at.wait(3);
  const { plan, inventory } = await at.plan();
  expect(plan.totals).toMatchObject({ versions: 61, delete: 0 });
  at.earlier = inventory;
  at.planes.counts.clear();
  return at;
}

const asked = ({ planes }: PruneScene) => ['info', 'page', 'manifest'].map((kind) => planes.count(kind as 'page'));

describe('nothing to do', () => {
  it('is seen by one page, the count and the tags', async () => {
    const at = await known();
    expect((await at.plan()).plan.totals).toMatchObject({ versions: 61, delete: 0 });
    expect([...at.planes.counts]).toEqual([
      ['page', 1],
      ['info', 1],
      ['tags', 1],
    ]);
  });

  it('is seen by the pages that something new is on, down to one that is known whole', async () => {
    const at = await known();
    for (const tag of ['v2', 'v3']) at.shapes.multiPlatform(tag, { tags: [tag] });
    const first = await at.plan();
    expect([first.plan.totals.versions, ...asked(at)]).toEqual([71, 1, 2, 2]);
    at.earlier = first.inventory;
    await at.plan();
    expect(asked(at)).toEqual([2, 3, 2]);
  });

  it('is not seen where a moving tag left something without one', async () => {
    const at = await known();
    at.shapes.image('next', { tags: ['v1.0.3'] });
    at.wait(1);
    const { plan } = await at.plan();
    expect(plan.delete.map(({ rule }) => rule)).toEqual(Array.from({ length: 5 }, () => 'untagged/expired'));
  });
});

describe('the whole list is read', () => {
  it('before anything is deleted', async () => {
    const at = await known();
    const old = at.state.tags.get('dev-1');
    at.shapes.image('dev 2', { tags: ['dev-2'] });
    at.wait(1);
    const { planned, deleted } = await at.prune();
    expect(deleted.map(({ digest }) => digest)).toEqual([old]);
    expect(planned.inventory.listedAt).toBe(at.clock.time - at.clock.slept);
    // Two of them for the glance, eight for the list, and those of the looks before and after the batch.
    expect(at.planes.count('page')).toBe(2 + 7 + 1 + 2);
  });

  it.each([
    ['something old was deleted', (at: PruneScene) => at.state.delete(at.state.list()[30]?.id ?? 0)],
    ['something old came back', (at: PruneScene) => at.state.restore(at.state.deleted()[0]?.id ?? 0)],
    ['the earlier list is a week old', (at: PruneScene) => at.wait(7)],
    ['the earlier list is from the future', (at: PruneScene) => at.wait(-1)],
    ['so much is new that the end is not in sight', (at: PruneScene) => grow(at, 101)],
    ['the newest are not first', (at: PruneScene) => shuffle(at)],
  ])('when %s', async (_what, change) => {
    const at = await known();
    at.state.delete(at.state.list()[20]?.id ?? 0);
    at.earlier = (await at.plan()).inventory;
    at.planes.counts.clear();
    change(at);
    const { inventory } = await at.plan();
    expect([at.planes.count('page') >= 7, inventory.listedAt >= at.clock.time - at.clock.slept]).toEqual([true, true]);
    expect(new Set(inventory.versions.map(({ id }) => id))).toEqual(new Set(at.state.list().map(({ id }) => id)));
  });
});

/** The list of an earlier run is not what a deletion rests on, whatever is in it. */
it('deletes nothing by an earlier list that was forged', async () => {
  const at = await known();
  const { earlier } = at;
  const forged = earlier?.versions.map((version) => ({ ...version, tags: [], createdAt: 0 })) ?? [];
  if (earlier) at.earlier = { ...earlier, versions: forged };
  const { deleted } = await at.prune();
  expect([deleted, at.state.count, at.state.broken()]).toEqual([[], 61, []]);
});

function grow({ shapes }: PruneScene, count: number): void {
  for (let number = 0; number < count; number += 1) shapes.image(`grown ${number}`, { tags: [`g-${number}`] });
}

function shuffle(at: PruneScene): void {
  const page = at.planes.page.bind(at.planes);
  at.planes.page = async (...args) => {
    const answer = await page(...args);
    return { ...answer, versions: answer.versions.toReversed() };
  };
}
