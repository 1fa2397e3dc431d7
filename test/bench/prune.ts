import { Shapes } from '@plimsoll/testkit/github/image-shapes';
import { PackageState } from '@plimsoll/testkit/github/package-state';
import { type PackagesRegistry, servePackages } from '@plimsoll/testkit/github/packages-registry';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import type { Figure } from './figure.ts';

const PACKAGE = { owner: 'acme', pkg: 'app' };
const TEN_DAYS = 864_000_000;
const POLICY = `
retention:
  channels:
    - { name: release, match: [v*], keep: all }
    - { name: dev, match: [dev-*], keep: { last: 0 } }
`;

interface Case {
  readonly kept: number;
  readonly doomed: number;
  /** Milliseconds since the pushes; below two days nothing untagged is a candidate. */
  readonly age: number;
}

interface Measured {
  readonly run: ActionRun;
  readonly lists: number;
  readonly tagLists: number;
  readonly manifests: number;
}

/** A cold plan over 10,000 versions, 5 for each image, of which 1.25 % are to go; and one with nothing to do. */
export async function prune(): Promise<Figure[]> {
  const cold = await measure({ kept: 1_975, doomed: 25, age: TEN_DAYS });
  const idle = await measure({ kept: 2_000, doomed: 0, age: 0 });
  const figure = { bench: 'prune', unit: 'requests' as const };
  return [
    { ...figure, figure: 'cold plan of 10,000 versions: lists', ours: cold.lists + cold.tagLists, limit: 103 },
    { ...figure, figure: 'cold plan of 10,000 versions: manifests read', ours: cold.manifests, limit: 2_100 },
    { ...figure, figure: 'a policy that dooms nothing: manifests read', ours: idle.manifests, limit: 0 },
    { bench: 'prune', figure: 'cold plan of 10,000 versions: time', unit: 'ms', ours: cold.run.milliseconds },
  ];
}

async function measure(given: Case): Promise<Measured> {
  await using world = await startWorld({ parts: ['github'] });
  const registry = await servePackages(world.lifetime, world.github.packages, { token: world.token });
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
  world.github.packages.adopt(PACKAGE, packageOf(given));
  const run = await plan(world, registry);
  const expected = String(given.doomed * 5);
  if (run.outputs['planned'] !== expected) throw new Error(`not the right plan:\n${run.log}`);
  const asked = registry.requests.filter(({ authorized }) => authorized);
  const count = (part: string) => asked.filter(({ path }) => path.includes(part)).length;
  return {
    run,
    lists: world.github.packages.count('GET', /\/versions\?/),
    tagLists: count('/tags/list'),
    manifests: count('/manifests/'),
  };
}

function packageOf({ kept, doomed, age }: Case): PackageState {
  const start = Date.now() - age;
  const state = new PackageState({ now: () => start });
  const shapes = new Shapes(state);
  for (let number = 0; number < kept; number += 1) shapes.multiPlatform(`v${number}`, { tags: [`v1.0.${number}`] });
  for (let number = 0; number < doomed; number += 1) shapes.multiPlatform(`d${number}`, { tags: [`dev-${number}`] });
  return state;
}

function plan(world: World, registry: PackagesRegistry): Promise<ActionRun> {
  const env = { PLIMSOLL_GHCR_HOST: registry.host };
  return runAction({ action: 'prune', inputs: { package: 'acme/app' }, world, env });
}
