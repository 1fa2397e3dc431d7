import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { expect, it } from 'vitest';
import { takeInventory } from './inventory.ts';

function filled(count: number, pageSize = 3): PruneScene {
  const scene = new PruneScene();
  scene.planes.pageSize = pageSize;
  for (let number = 0; number < count; number += 1) scene.shapes.image(`${number}`, { tags: [`v${number}`] });
  return scene;
}

/** Changes the package once, just before the given request is answered. */
function changeAt(scene: PruneScene, at: string, change: () => void): void {
  let done = false;
  scene.planes.hook = (request, argument) => {
    if (done || `${request} ${argument}`.trim() !== at) return;
    done = true;
    change();
  };
}

async function listed(scene: PruneScene): Promise<number[]> {
  const { versions } = await takeInventory(scene.planes, { clock: scene.clock });
  return versions.map((version) => version.id).toSorted((a, b) => a - b);
}

const all = (scene: PruneScene) =>
  scene.state
    .list()
    .map((version) => version.id)
    .toSorted((a, b) => a - b);

it.each([0, 1, 3, 4, 9, 10])('lists %i versions with one request per page and one more for proof', async (count) => {
  const scene = filled(count);
  expect(await listed(scene)).toEqual(all(scene));
  const pages = Math.max(1, Math.ceil(count / 3));
  expect(scene.planes.count('page')).toBe(pages === 1 ? 1 : pages + 1);
});

it.each(['page active 1', 'page active 2', 'page active 3', 'info'])(
  'H11 lists again when something is pushed at %s',
  async (at) => {
    const scene = filled(9);
    changeAt(scene, at, () => scene.shapes.image('new'));
    expect(await listed(scene)).toEqual(all(scene));
  },
);

it.each([0, 2, 4, 7])('H11 lists again when version %i vanishes while pages are read', async (index) => {
  const scene = filled(9);
  changeAt(scene, 'page active 3', () => scene.state.delete(scene.state.list()[index]?.id ?? 0));
  expect(await listed(scene)).toEqual(all(scene));
});

it('H11 lists again when one is pushed and another deleted, so that the count stays', async () => {
  const scene = filled(9);
  const inBetween = scene.state.list()[4];
  changeAt(scene, 'page active 3', () => {
    scene.shapes.image('new');
    scene.state.delete(inBetween?.id ?? 0);
  });
  expect(await listed(scene)).toEqual(all(scene));
});

it('H34 refuses a list that stays shorter than the package', async () => {
  const scene = filled(9);
  const { planes } = scene;
  const info = () => Promise.resolve({ versionCount: 10 });
  const store = {
    info,
    page: planes.page.bind(planes),
    version: planes.version.bind(planes),
    delete: planes.delete.bind(planes),
    restore: planes.restore.bind(planes),
  };
  await expect(takeInventory(store, { clock: scene.clock })).rejects.toMatchObject({ code: 'inventory-incomplete' });
  expect(scene.clock.slept).toBeGreaterThan(0);
});

it('takes a list that stays longer than the count: too much is never too little', async () => {
  const scene = filled(4);
  const { planes } = scene;
  const store = Object.assign(Object.create(planes) as typeof planes, {
    info: () => Promise.resolve({ versionCount: 3 }),
    page: planes.page.bind(planes),
  });
  const { versions } = await takeInventory(store, { clock: scene.clock });
  expect(versions).toHaveLength(4);
});

it('lists twice where the server does not count, and gives up when the lists keep differing', async () => {
  const scene = filled(9);
  const { planes } = scene;
  const store = Object.assign(Object.create(planes) as typeof planes, {
    info: () => Promise.resolve({}),
    page: planes.page.bind(planes),
  });
  expect((await takeInventory(store, { clock: scene.clock })).versions).toHaveLength(9);
  expect(planes.count('page')).toBe(8);
  planes.hook = (request) => {
    if (request === 'page') scene.shapes.image(`${planes.count('page')}`);
  };
  await expect(takeInventory(store, { clock: scene.clock })).rejects.toMatchObject({ code: 'inventory-incomplete' });
});

it('finds a tag that moved from a page not yet read to one already read', async () => {
  const scene = filled(9);
  const target = scene.state.list()[0]?.digest ?? '';
  scene.state.tags.delete('v8');
  scene.state.live(target)?.tags.delete('v8');
  scene.wait(10);
  scene.retention = { channels: [{ name: 'x', match: ['*'], keep: 'all' }] };
  // The listing shows the target untagged, and the version that had the tag without it.
  scene.planes.hook = (request) => {
    if (request === 'tags') scene.state.tag('v3', target);
  };
  const page = scene.planes.page.bind(scene.planes);
  scene.planes.page = async (...args) => {
    const answer = await page(...args);
    return {
      ...answer,
      versions: answer.versions.map((one) => ({ ...one, tags: one.tags.filter((tag) => tag !== 'v3') })),
    };
  };
  const { plan } = await scene.plan();
  expect([...plan.keep].find((item) => item.digest === target)?.tags).toEqual(['v3']);
  expect(plan.delete.map((item) => item.digest)).not.toContain(target);
});
