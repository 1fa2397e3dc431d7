import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import type { PackageHook } from '@plimsoll/testkit/github/memory-package';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Applied } from './apply.ts';

const RETENTION = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] };

function scene(options: { restoreTags?: boolean } = {}): PruneScene {
  const made = new PruneScene(options);
  made.retention = RETENTION;
  made.shapes.image('keeps the package tagged', { tags: ['v1'] });
  return made;
}

/** Runs `act` once, just before the n-th request of that kind is answered. */
function once(kind: string, number: number, act: () => void): PackageHook {
  let seen = 0;
  return (request) => {
    if (request !== kind) return;
    seen += 1;
    if (seen === number) act();
  };
}

async function applied(at: PruneScene, hook: PackageHook): Promise<Applied> {
  const planned = await at.plan();
  at.planes.hook = hook;
  return at.apply(planned);
}

const codeOf = ({ failure }: Applied) => (failure as { code?: string } | undefined)?.code;

describe('races', () => {
  it('H10 spares a version that was tagged after the plan, with all its parts', async () => {
    const at = scene();
    const { index, children } = at.shapes.multiPlatform('a');
    at.wait(10);
    const result = await applied(
      at,
      once('tags', 1, () => at.state.tag('prod', index)),
    );
    expect(codeOf(result)).toBeUndefined();
    expect(result.spared).toHaveLength(5);
    expect(at.whole(index) && children.every((digest) => at.alive(digest))).toBe(true);
  });

  it('H10 spares a version that a known tag was moved to', async () => {
    const at = scene();
    const { index } = at.shapes.multiPlatform('a');
    at.wait(10);
    const result = await applied(
      at,
      once('tags', 1, () => at.state.tag('v1', index)),
    );
    expect([codeOf(result), at.whole(index)]).toEqual([undefined, true]);
  });

  it('H8 spares old orphans that a push in flight came to need', async () => {
    const at = scene();
    const children = ['amd64', 'arm64'].map((seed) => at.shapes.image(seed));
    at.wait(200);
    const made: string[] = [];
    const result = await applied(
      at,
      once('page', 1, () => made.push(at.shapes.index(children))),
    );
    expect([codeOf(result), at.whole(...made), made.length]).toEqual([undefined, true, 1]);
  });

  it('H7 keeps children pushed just before their index', async () => {
    const at = scene();
    at.shapes.image('orphan');
    at.wait(10);
    const young = ['amd64', 'arm64'].map((seed) => at.shapes.image(seed));
    await at.prune();
    expect(young.every((digest) => at.alive(digest))).toBe(true);
  });

  it.each([true, false])('restores everything when a push came too late (tags come back: %s)', async (restoreTags) => {
    const at = scene({ restoreTags });
    const old = at.shapes.multiPlatform('old', { tags: ['dev-1', 'dev-2'] });
    at.wait(10);
    const made: string[] = [];
    const order: string[] = [];
    const late = once('delete', 3, () => made.push(at.shapes.index(old.children.slice(2), { tags: ['v2'] })));
    const result = await applied(at, (request, argument) => {
      late(request, argument);
      if (request === 'restore') order.push(at.state.versions.get(Number(argument))?.digest ?? '');
    });
    expect(codeOf(result)).toBe('prune-restored');
    // Parts first: an undo that is cut short leaves orphans and no index without its parts.
    expect([order.length, order.at(-1)]).toEqual([5, old.index]);
    expect([result.deleted, result.restored.length]).toEqual([[], 5]);
    expect(at.whole(old.index, ...made)).toBe(true);
    expect(['dev-1', 'dev-2'].map((tag) => at.state.tags.get(tag))).toEqual([old.index, old.index]);
  });

  it('restores when GitHub deletes more than it was asked to', async () => {
    const at = scene();
    const [shared, own] = ['shared', 'own'].map((seed) => at.shapes.image(seed)) as [string, string];
    const kept = at.shapes.index([shared], { tags: ['v9'] });
    const old = at.shapes.index([shared, own], { tags: ['dev-1'] });
    at.wait(10);
    const result = await applied(
      at,
      once('delete', 2, () => at.state.delete(at.state.live(shared)?.id ?? 0)),
    );
    expect(codeOf(result)).toBe('prune-restored');
    expect([at.alive(old), at.whole(kept)]).toEqual([true, true]);
  });

  it('says what could not be restored', async () => {
    const at = scene();
    const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    at.wait(10);
    const late = once('delete', 3, () => at.shapes.index(old.children.slice(2), { tags: ['v2'] }));
    const result = await applied(at, (request, argument) => {
      late(request, argument);
      if (request === 'restore') at.wait(31);
    });
    expect(codeOf(result)).toBe('prune-damage');
  });
});

describe('order and interruption', () => {
  it('H18 deletes an index before its parts and evidence after its subject', async () => {
    const at = scene();
    const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    const signature = at.shapes.image('sig', { tags: [fallbackTag(old.index, '.sig')] });
    at.wait(10);
    const { plan } = await at.plan();
    const order = plan.delete.map((item) => item.digest);
    expect(order[0]).toBe(old.index);
    expect(order).toHaveLength(6);
    expect(plan.delete[0]?.needs.toSorted()).toEqual([...old.children, signature].toSorted());
  });

  it('goes on where a run was stopped', async () => {
    const at = scene();
    for (let number = 0; number < 12; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`dev-${number}`] });
    at.wait(10);
    const stop = once('delete', 31, () => {
      throw new PlimsollError('github-rate-limited', 'limit', { hint: 'later' });
    });
    const first = await applied(at, stop);
    expect([codeOf(first), first.deleted.length]).toEqual(['github-rate-limited', 30]);
    at.planes.hook = undefined;
    const second = await at.prune();
    expect([second.failure, second.deleted.length, at.state.count]).toEqual([undefined, 30, 1]);
  });

  it('H31 takes what a second pruner deleted for done', async () => {
    const at = scene();
    const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    at.wait(10);
    const result = await applied(
      at,
      once('delete', 2, () => at.state.delete(at.state.live(old.children[3] ?? '')?.id ?? 0)),
    );
    expect([codeOf(result), result.deleted.length, result.gone.length, at.state.count]).toEqual([undefined, 4, 1, 1]);
  });

  it('stops when it is cancelled, having said what it did', async () => {
    const at = scene();
    at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    at.wait(10);
    const events: string[] = [];
    at.journal = { record: async (event) => void events.push(event) };
    const result = await applied(
      at,
      once('delete', 3, () => {
        throw new Error('cancelled');
      }),
    );
    expect(result.deleted).toHaveLength(2);
    expect(events).toEqual(['deleting', 'deleted', 'deleting', 'deleted', 'deleting']);
  });

  it('stays under 180 deletions a minute', async () => {
    const at = scene();
    for (let number = 0; number < 400; number += 1) at.shapes.image(`${number}`);
    at.wait(10);
    const times: number[] = [];
    const { deleted } = await applied(at, (request) => {
      if (request === 'delete') times.push(at.clock.time);
    });
    const busiest = Math.max(
      ...times.map((time) => times.filter((other) => other >= time && other < time + 60_000).length),
    );
    expect([deleted.length, busiest]).toEqual([400, 170]);
  });
});

describe('cost', () => {
  it('asks for nothing but the list when nothing is doomed', async () => {
    const at = scene();
    for (let number = 0; number < 30; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`v1.0.${number}`] });
    at.wait(1);
    await at.prune();
    expect([...at.planes.counts.keys()].toSorted()).toEqual(['info', 'page']);
  });

  it('asks of 10,000 versions, once it knew them all, for a few requests and the manifests of what is new', async () => {
    const at = scene();
    for (let number = 0; number < 2_000; number += 1)
      at.shapes.multiPlatform(`${number}`, { tags: [`v1.0.${number}`] });
    at.wait(10);
    at.cache = new Map();
    at.earlier = (await at.plan()).inventory;
    expect(at.planes.count('page')).toBe(102);
    for (let number = 0; number < 25; number += 1) at.shapes.multiPlatform(`n${number}`, { tags: [`v2.0.${number}`] });
    at.wait(1);
    at.planes.counts.clear();
    expect((await at.plan()).plan.totals).toMatchObject({ versions: 10_126, delete: 0 });
    expect(Object.fromEntries(at.planes.counts)).toEqual({ page: 3, info: 1, tags: 1, manifest: 26 });
  });

  it('reads roots and candidates, and no child that its index describes', async () => {
    const at = scene();
    for (let number = 0; number < 395; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`v1.0.${number}`] });
    for (let number = 0; number < 5; number += 1) at.shapes.multiPlatform(`d${number}`, { tags: [`dev-${number}`] });
    at.wait(10);
    at.cache = new Map();
    expect((await at.plan()).plan.totals).toMatchObject({ versions: 2_001, delete: 25 });
    expect([at.planes.count('page'), at.planes.count('manifest')]).toEqual([22, 1 + 395 + 25]);
    const before = at.planes.count('manifest');
    await at.plan();
    expect(at.planes.count('manifest')).toBe(before);
  });
});
