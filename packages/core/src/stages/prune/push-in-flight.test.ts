import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { expect, it } from 'vitest';

function scene(): PruneScene {
  const at = new PruneScene();
  at.retention = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] };
  at.shapes.image('keeps the package tagged', { tags: ['v1'] });
  return at;
}

/** Does something in the middle of the n-th wait. */
function whileWaiting(at: PruneScene, number: number, act: () => void): void {
  let waits = 0;
  const sleep = at.clock.sleep.bind(at.clock);
  at.clock.sleep = (milliseconds, signal) => {
    waits += 1;
    if (waits === number) act();
    return sleep(milliseconds, signal);
  };
}

it('H8 waits for the index of a push that came by while it deleted, and brings back what that needs', async () => {
  const at = scene();
  const reused = at.shapes.image('arm64, reproducible');
  at.wait(200);
  const made: string[] = [];
  const planned = await at.plan();
  let deletions = 0;
  at.planes.hook = (request) => {
    deletions += request === 'delete' ? 1 : 0;
    if (request === 'delete' && deletions === 1) made.push(at.shapes.image('amd64, new'));
  };
  whileWaiting(at, 1, () => made.push(at.shapes.index([reused, made[0] ?? ''])));
  const result = await at.apply(planned);
  expect(result.failure).toMatchObject({ code: 'prune-restored' });
  expect([made.length, at.whole(...made)]).toEqual([2, true]);
});

it('ends at once when nobody pushes, and after a while when somebody does not stop', async () => {
  const calm = scene();
  calm.shapes.image('orphan');
  calm.wait(10);
  await calm.prune();
  expect(calm.clock.slept).toBe(0);
  const busy = scene();
  busy.shapes.image('orphan');
  busy.wait(10);
  const planned = await busy.plan();
  let pushed = 0;
  busy.planes.hook = (request) => {
    if (request === 'page') busy.shapes.image(`push ${(pushed += 1)}`);
  };
  const result = await busy.apply(planned);
  expect([result.failure, result.deleted.length, busy.clock.slept <= 300_000]).toEqual([undefined, 1, true]);
});

it('H31 leaves kept images whole and deletes each version once when two run at the same time', async () => {
  const at = scene();
  const kept = at.shapes.multiPlatform('kept', { tags: ['v2'] });
  for (let number = 0; number < 20; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`dev-${number}`] });
  at.wait(10);
  const [one, two] = await Promise.all([at.plan(), at.plan()]);
  const results = await Promise.all([at.apply(one), at.apply(two)]);
  expect(results.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  const done = results.flatMap(({ deleted }) => deleted.map(({ digest }) => digest));
  expect([done.length, new Set(done).size]).toEqual([100, 100]);
  expect([at.whole(kept.index), at.state.count]).toEqual([true, 6]);
});
