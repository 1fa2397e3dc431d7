import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Digest } from '@plimsoll/core/oci/digest';
import { reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { nodeForActions } from '@plimsoll/testkit/runner/node';
import { startWorld } from '@plimsoll/testkit/world/world';
import { CosignCommands } from './evidence/cosign-commands.ts';
import { EvidenceScene } from './evidence/scene.ts';
import { type Figure, median } from './figure.ts';
import { interleave, timeCommand } from './harness.ts';

const ROUNDS = 5;
const MEGABYTE = 1024 * 1024;

/**
 * A signed image of two platforms in a registry 40 ms away: the action as a whole, which reads the evidence of the
 * index and of the platforms, against four commands of cosign about the index alone.
 */
export async function verify(): Promise<Figure[]> {
  await using world = await startWorld({ parts: ['sigstore'], tools: ['cosign', 'registry'] });
  const scene = await EvidenceScene.start(world);
  await using proxy = scene.proxy;
  const built = await scene.push('verify');
  await scene.sign(built, scene.verdictOf(built));
  const cosign = new CosignCommands(scene);
  const requests = { ours: 0, peer: 0 };
  const counted = async (who: keyof typeof requests, work: () => Promise<number>) => {
    proxy.reset();
    const milliseconds = await work();
    requests[who] = proxy.requests.length;
    return milliseconds;
  };
  const { ours, peer } = await interleave(
    {
      ours: () => counted('ours', async () => (await scene.verify(built.digest)).milliseconds),
      peer: () => counted('peer', () => cosign.verifyAll(built.digest)),
    },
    ROUNDS,
  );
  const name = 'cosign verify, verify-attestation in turn';
  return [
    {
      bench: 'verify',
      figure: 'signature and 3 predicates',
      unit: 'ms',
      ours,
      peer: { name, value: peer },
      ratioLimit: 0.35,
    },
    {
      bench: 'verify',
      figure: 'requests',
      unit: 'requests',
      ours: requests.ours,
      peer: { name, value: requests.peer },
    },
    await memory(scene, built.digest),
  ];
}

/** The most that the action held at any time, over an empty Node process and the bundles themselves. */
async function memory(scene: EvidenceScene, digest: Digest): Promise<Figure> {
  const meter = path.join(scene.world.directory, 'memory.mjs');
  const file = path.join(scene.world.directory, 'memory');
  writeFileSync(
    meter,
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS * 1024)));\n`,
  );
  const env = { NODE_OPTIONS: `--import=${meter}` };
  await timeCommand({ command: nodeForActions(), args: ['-e', '0'], env });
  const empty = Number(readFileSync(file, 'utf8'));
  const used: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await scene.verify(digest, env);
    used.push(Number(readFileSync(file, 'utf8')));
  }
  const run = await scene.verify(digest);
  const referrers = new Set(reportOf(run).bundles.map(({ referrer }) => referrer));
  const sizes = await Promise.all([...referrers].map((each) => bundleSize(scene, each)));
  const bundles = sizes.reduce((sum, size) => sum + size, 0);
  return {
    bench: 'verify',
    figure: 'memory over an empty Node process and the bundles',
    unit: 'MB',
    ours: (median(used) - empty - bundles) / MEGABYTE,
    limit: 60,
  };
}

async function bundleSize({ repository }: EvidenceScene, referrer: Digest): Promise<number> {
  const { bytes } = await repository.manifest(referrer);
  const { layers } = JSON.parse(bytes.toString('utf8')) as { layers: readonly { readonly size: number }[] };
  return layers.reduce((sum, { size }) => sum + size, 0);
}
