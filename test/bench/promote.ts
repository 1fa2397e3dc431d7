import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { type Figure, median } from './figure.ts';
import { timeCommand } from './harness.ts';
import { bundleScript } from './bundle-script.ts';
import { type LatencyProxy, startLatencyProxy } from './promote/latency-proxy.ts';
import { memory } from './promote/memory.ts';
import { type CopyCommand, copiers } from './promote/copiers.ts';
import { pushSubject, repositoryAt } from './promote/subject.ts';
import { lacks, walk, type Walked } from './promote/walker.ts';
import { waterfall } from './promote/waterfall.ts';

const LATENCY_MS = 60;
const ROUNDS = 5;
const TAG = 'v1.0.0';
/** `PLIMSOLL_WATERFALL=1` shows every request of every copy in time. */
const waterfalls = process.env['PLIMSOLL_WATERFALL'] === '1';

/** Two registries, each some way off, with the image in the first. */
interface Scene {
  readonly world: World;
  readonly source: LatencyProxy;
  readonly destination: LatencyProxy;
  /** The destination without the way to it. */
  readonly destinationHost: string;
  readonly root: Descriptor;
  readonly whole: Walked;
}

interface Measured {
  readonly milliseconds: number;
  readonly requests: number;
  readonly missing: number;
}

/**
 * An image of 2 platforms of 11 blobs with 7 referrers, from one distribution registry to an empty repository of
 * another, each request 60 ms away; then the same with nothing to do; then the memory for large layers.
 *
 * @param flags - `--big`: layers of 1 and 10 GiB instead of 64 and 256 MiB
 */
export async function promote(flags: readonly string[]): Promise<Figure[]> {
  await using world = await startWorld({ parts: [], tools: ['registry', 'crane', 'regctl', 'buildx', 'cosign'] });
  const ours = await bundleScript('promote/copy-once.mjs', path.join(world.directory, 'bundle'));
  return [...(await speed(world, ours)), ...(await memory(world, ours, flags.includes('--big')))];
}

async function speed(world: World, bundle: string): Promise<Figure[]> {
  const [from, to] = await Promise.all(
    ['source', 'destination'].map((name) => distributionOnPort(world.lifetime, world.tools.registry ?? '', { name })),
  );
  await using source = await startLatencyProxy(from ?? '', LATENCY_MS);
  await using destination = await startLatencyProxy(to ?? '', LATENCY_MS);
  const origin = repositoryAt(from ?? '', 'acme/app');
  const root = await pushSubject(origin, TAG);
  const whole = await walk(`http://${from}/v2/acme/app`, root.digest);
  const scene: Scene = { world, source, destination, destinationHost: to ?? '', root, whole };
  const commands = await copiers({
    bundle,
    tools: world.tools,
    home: await homeOf(world),
    source: source.host,
    to: destination.host,
    tag: TAG,
  });
  return figures(await measureAll(scene, commands), await measureIdle(scene, commands.ours));
}

async function homeOf(world: World): Promise<string> {
  const home = path.join(world.directory, 'home');
  await mkdir(home, { recursive: true });
  return home;
}

/** In turn, round after round, each into a repository that nobody has used; the first round warms up. */
async function measureAll<Name extends string>(
  scene: Scene,
  commands: Readonly<Record<Name, CopyCommand>>,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(commands) as Name[];
  const runs = new Map<Name, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [at, name] of names.entries()) {
      const measured = await measure(scene, commands[name], `acme/app-${round}-${at}`);
      if (round > 0) runs.get(name)?.push(measured);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarise(runs.get(name) ?? [])])) as Record<Name, Measured>;
}

async function measure(scene: Scene, command: CopyCommand, repository: string): Promise<Measured> {
  const { source, destination, destinationHost, root, whole } = scene;
  source.reset();
  destination.reset();
  const started = performance.now();
  const milliseconds = await timeCommand(command(repository));
  if (waterfalls) console.log(waterfall(started, { from: source.requests, to: destination.requests }));
  const requests = source.requests.length + destination.requests.length;
  const there = await walk(`http://${destinationHost}/v2/${repository}`, root.digest);
  return { milliseconds, requests, missing: lacks(whole, there).length };
}

function summarise(runs: readonly Measured[]): Measured {
  return {
    milliseconds: median(runs.map((run) => run.milliseconds)),
    requests: Math.max(...runs.map((run) => run.requests)),
    missing: Math.max(...runs.map((run) => run.missing)),
  };
}

interface Idle {
  readonly milliseconds: number;
  readonly requests: number;
}

/** A copy of what is there already. Counted is what the copy asks the destination, beside the tag and the base of the API. */
async function measureIdle(scene: Scene, ours: CopyCommand): Promise<Idle> {
  await timeCommand(ours('acme/idle'));
  const runs: Idle[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    scene.destination.reset();
    const milliseconds = await timeCommand(ours('acme/idle'));
    const asked = scene.destination.requests.filter(({ line }) => !line.endsWith('/v2/') && !line.endsWith(`/${TAG}`));
    runs.push({ milliseconds, requests: asked.length });
  }
  return {
    milliseconds: median(runs.map((run) => run.milliseconds)),
    requests: Math.max(...runs.map((run) => run.requests)),
  };
}

function figures(all: Record<keyof Awaited<ReturnType<typeof copiers>>, Measured>, idle: Idle): Figure[] {
  const { ours } = all;
  const bench = 'promote';
  const against = (name: keyof typeof all, ratioLimit?: number): Figure => ({
    bench,
    figure: `time against ${name} (leaves out ${all[name].missing})`,
    unit: 'ms',
    ours: ours.milliseconds,
    peer: { name, value: all[name].milliseconds },
    ...(ratioLimit === undefined ? {} : { ratioLimit }),
  });
  const requests = (name: keyof typeof all): Figure => ({
    bench,
    figure: `requests against ${name}`,
    unit: 'requests',
    ours: ours.requests,
    peer: { name, value: all[name].requests },
    limit: 130,
  });
  const peers = (Object.keys(all) as (keyof typeof all)[]).filter((name) => name !== 'ours');
  return [
    { bench, figure: 'manifests and blobs left out', unit: 'parts', ours: ours.missing, limit: 0 },
    ...peers.map((name) => against(name, { 'regctl, 20 at a time': 0.5, 'crane -j 16': 1 }[name as string])),
    ...peers.map(requests),
    { bench, figure: 'nothing to do: time', unit: 'ms', ours: idle.milliseconds, limit: 300 },
    { bench, figure: 'nothing to do: requests of the copy', unit: 'requests', ours: idle.requests, limit: 5 },
  ];
}
