import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { Shapes } from '@plimsoll/testkit/github/image-shapes';
import { PackageState } from '@plimsoll/testkit/github/package-state';
import { type PackagesRegistry, servePackages } from '@plimsoll/testkit/github/packages-registry';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import type { Figure } from './figure.ts';
import { type Asked, readWhole } from './prune/whole-reader.ts';

const PACKAGE = { owner: 'acme', pkg: 'app' };
const PEER = 'requests of ghcr-cleanup-action';
const TEN_DAYS = 864_000_000;
const MEGABYTE = 1_000_000;
const POLICY = `
retention:
  channels:
    - { name: release, match: [v*], keep: all }
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  guards: { max-deletes: 100000 }
`;

interface Case {
  readonly kept: number;
  readonly doomed: number;
  /** Milliseconds since the pushes; below two days nothing untagged is a candidate. */
  readonly age: number;
}

/** What one plan asked for and took. */
interface Measured {
  readonly run: ActionRun;
  readonly lists: number;
  /** Of GitHub's API, all in all. */
  readonly rest: number;
  readonly tagLists: number;
  readonly manifests: number;
  /** Seconds of processor, and bytes at most, of the whole process. */
  readonly cpu: number;
  readonly memory: number;
  /** What the peer asked of the same package. */
  readonly peer?: Asked;
}

/**
 * Plans over packages of 5 versions for each image, 1.25 % to go: cold, then warm with a day's new images, and with nothing
 * to do, cold and after a run that knew the whole list.
 */
export async function prune(): Promise<Figure[]> {
  const [cold, warm] = await measure({ kept: 1_975, doomed: 25, age: TEN_DAYS }, 25);
  const peer = (of: keyof Asked) => ({ peer: { name: PEER, value: cold?.peer?.[of] ?? Number.NaN } });
  const [idle] = await measure({ kept: 2_000, doomed: 0, age: 0 });
  const [, later] = await measure({ kept: 2_000, doomed: 0, age: TEN_DAYS }, 25);
  const [huge] = await measure({ kept: 19_750, doomed: 250, age: TEN_DAYS });
  const count = (figure: string, ours: number | undefined, limit: number): Figure => ({
    bench: 'prune',
    unit: 'requests',
    figure,
    ours: ours ?? Number.NaN,
    limit,
  });
  const of = (versions: string, what: string) => `cold plan of ${versions} versions: ${what}`;
  return [
    { ...count(of('10,000', 'lists'), cold && cold.lists + cold.tagLists, 103), ...peer('lists'), ratioLimit: 1.05 },
    { ...count(of('10,000', 'manifests read'), cold?.manifests, 2_100), ...peer('manifests'), ratioLimit: 0.21 },
    count('the same a day and 125 versions later: manifests read', warm?.manifests, 125),
    count('a policy that dooms nothing: manifests read', idle?.manifests, 0),
    count('a day later with nothing to do: requests of the API', later?.rest, 6),
    count('a day later with nothing to do: manifests read', later?.manifests, 30),
    { bench: 'prune', figure: of('10,000', 'time'), unit: 'ms', ours: cold?.run.milliseconds ?? Number.NaN },
    count(of('100,000', 'manifests read'), huge?.manifests, 21_000),
    { bench: 'prune', figure: of('100,000', 'processor'), unit: 's', ours: huge?.cpu ?? Number.NaN, limit: 5 },
    {
      bench: 'prune',
      figure: of('100,000', 'memory'),
      unit: 'MB',
      ours: (huge?.memory ?? Number.NaN) / MEGABYTE,
      limit: 400,
    },
    {
      bench: 'prune',
      figure: '1,000 deletions, by the clock of the limits',
      unit: 's',
      ours: await deletionSeconds(),
      limit: 400,
    },
  ];
}

/** Seconds that a virtual clock lets pass for 1,000 deletions; 400 are 150 a minute. */
async function deletionSeconds(): Promise<number> {
  const scene = sceneWith();
  scene.shapes.image('kept', { tags: ['v1.0.0'] });
  for (let number = 0; number < 1_000; number += 1) scene.shapes.image(`${number}`);
  scene.wait(10);
  const planned = await scene.plan();
  const { slept } = scene.clock;
  const { deleted } = await scene.apply(planned);
  if (deleted.length !== 1_000) throw new Error('not everything was deleted');
  return (scene.clock.slept - slept) / 1_000;
}

/** One plan, and with `more` another one after so many further images were pushed. */
async function measure(given: Case, more?: number): Promise<Measured[]> {
  await using world = await startWorld({ parts: ['github'] });
  const registry = await servePackages(world.lifetime, world.github.packages, { token: world.token });
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
  const { state, shapes } = packageOf(given);
  world.github.packages.adopt(PACKAGE, state);
  const first = await planOnce(world, registry, given.doomed * 5);
  if (more === undefined) return [first];
  const { apiUrl } = world.github;
  const peer = await readWhole({ ...PACKAGE, apiUrl, host: registry.host, token: world.token });
  for (let number = 0; number < more; number += 1) shapes.multiPlatform(`new ${number}`, { tags: [`v2.0.${number}`] });
  return [{ ...first, peer }, await planOnce(world, registry, given.doomed * 5)];
}

async function planOnce(world: World, registry: PackagesRegistry, expected: number): Promise<Measured> {
  const before = { lists: world.github.packages.requests.length, reads: registry.requests.length };
  const usage = path.join(world.directory, 'usage.json');
  const run = await plan(world, registry, usage);
  if (run.outputs['planned'] !== String(expected)) throw new Error(`not the right plan:\n${run.log.slice(-5_000)}`);
  const lists = world.github.packages.requests.slice(before.lists);
  const asked = registry.requests.slice(before.reads).filter(({ authorized }) => authorized);
  const count = (part: string) => asked.filter(({ path: at }) => at.includes(part)).length;
  const used = JSON.parse(readFileSync(usage, 'utf8')) as NodeJS.ResourceUsage;
  return {
    run,
    rest: lists.length,
    lists: lists.filter(({ method, target }) => method === 'GET' && target.includes('/versions?')).length,
    tagLists: count('/tags/list'),
    manifests: count('/manifests/'),
    cpu: (used.userCPUTime + used.systemCPUTime) / 1_000_000,
    memory: used.maxRSS * 1_024,
  };
}

function packageOf({ kept, doomed, age }: Case): { state: PackageState; shapes: Shapes } {
  const start = Date.now() - age;
  const state = new PackageState({ now: () => start });
  const shapes = new Shapes(state);
  for (let number = 0; number < kept; number += 1) shapes.multiPlatform(`v${number}`, { tags: [`v1.0.${number}`] });
  for (let number = 0; number < doomed; number += 1) shapes.multiPlatform(`d${number}`, { tags: [`dev-${number}`] });
  return { state, shapes };
}

/** The bundle, in a process that writes down at its end what it used. */
function plan(world: World, registry: PackagesRegistry, usage: string): Promise<ActionRun> {
  const main = path.join(world.directory, 'measured.mjs');
  mkdirSync(world.directory, { recursive: true });
  const lines = [
    "import { writeFileSync } from 'node:fs';",
    `process.on('exit', () => writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())));`,
    `await import(${JSON.stringify(path.resolve('dist/prune/index.js'))});`,
  ];
  writeFileSync(main, lines.join('\n'));
  const env = { PLIMSOLL_GHCR_HOST: registry.host };
  const inputs = { package: 'acme/app', 'manifest-cache': path.join(world.directory, 'manifests') };
  return runAction({ action: 'prune', inputs, world, env, main });
}
