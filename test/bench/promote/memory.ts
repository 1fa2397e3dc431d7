import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import type { World } from '@plimsoll/testkit/world/world';
import type { Figure } from '../figure.ts';
import { timeCommand } from '../harness.ts';
import { pushOneLayer, repositoryAt } from './subject.ts';

const MIB = 1024 * 1024;
const execute = promisify(execFile);

/** Peak memory for a layer of one size and of a multiple of it, and the throughput against crane's, on loopback. */
export async function memory(world: World, bundle: string, big: boolean): Promise<Figure[]> {
  const [small, large] = big ? [1024, 10 * 1024] : [64, 256];
  const [from = '', to = ''] = await Promise.all(
    ['large-source', 'large-destination'].map((name) =>
      distributionOnPort(world.lifetime, world.tools.registry ?? '', { name }),
    ),
  );
  const figures: Figure[] = [];
  for (const mebibytes of [small, large]) {
    const tag = `${mebibytes}m`;
    await pushOneLayer(repositoryAt(from, 'acme/app'), mebibytes * MIB, tag);
    const env = { HOME: world.directory, PATH: '/usr/bin:/bin' };
    const started = performance.now();
    const { stdout } = await execute(process.execPath, [bundle, from, to, `acme/ours-${tag}`, tag], { env });
    const ours = performance.now() - started;
    const args = ['copy', `${from}/acme/app:${tag}`, `${to}/acme/crane-${tag}:${tag}`];
    const peer = await timeCommand({ command: world.tools.crane ?? '', args, env });
    const { rss } = JSON.parse(stdout) as { rss: number };
    const figure = { bench: 'promote' };
    figures.push(
      { ...figure, figure: `layer of ${mebibytes} MiB: peak memory`, unit: 'MB', ours: rss / 1e6, limit: 157 },
      {
        ...figure,
        figure: `layer of ${mebibytes} MiB: time`,
        unit: 'ms',
        ours,
        peer: { name: 'crane copy', value: peer },
      },
    );
  }
  return figures;
}
