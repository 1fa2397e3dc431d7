import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { contest } from './build/measured.ts';
import { BuildScene, LATENCY_MS } from './build/scene.ts';
import { bundleScript } from './bundle-script.ts';
import type { Figure } from './figure.ts';
import { timeCommand } from './harness.ts';

const execute = promisify(execFile);
const RAW = 'buildx build, imagetools create';
const LAYERS = 30;
const LAYER_BYTES = 256 * 1024;

/**
 * The whole action against the commands of buildx that make and publish the same, with nothing cached and with
 * everything; then the publication alone, of a layout of 30 layers. The registry is 40 ms away.
 */
export async function build(): Promise<Figure[]> {
  await using world = await startWorld({ parts: ['github', 'hub', 'buildkit'], tools: ['buildx', 'registry'] });
  await using scene = await BuildScene.start(world);
  const both = { peerName: RAW, ratioLimit: 1.1, ours: () => scene.action(), peer: () => scene.commands() };
  const before = () => scene.forgetEverything();
  return [
    ...(await contest(scene.proxy, { ...both, name: 'two platforms, nothing cached', before })),
    ...(await contest(scene.proxy, { ...both, name: 'two platforms, everything cached' })),
    ...(await publication(world, scene)),
  ];
}

async function publication(world: World, { proxy }: BuildScene): Promise<Figure[]> {
  const layers = Array.from({ length: LAYERS }, (_, index) => ({ [`file-${index}`]: randomBytes(LAYER_BYTES) }));
  const { directory, digest } = await writeImageLayout(world.lifetime.folder('thirty'), [
    { architecture: 'amd64', layers },
  ]);
  const bundle = await bundleScript('build/publish-once.mjs', path.join(world.directory, 'bundle'));
  const env = { ...world.env, HOME: world.directory, PATH: '/usr/bin:/bin' };
  let runs = 0;
  const fresh = () => `acme/thirty-${(runs += 1)}`;
  const imagetools = ['imagetools', 'create', '-t'];
  return contest(proxy, {
    name: `publishing ${LAYERS} layers, ${LATENCY_MS} ms away`,
    peerName: 'buildx imagetools create',
    ratioLimit: 0.8,
    // Without the start of Node, which a running action has behind it.
    ours: async () => {
      const { stdout } = await execute(process.execPath, [bundle, directory, proxy.host, fresh()], { env });
      return Number(stdout);
    },
    peer: () =>
      timeCommand({
        command: world.tools.buildx ?? '',
        args: [...imagetools, `${proxy.host}/${fresh()}:v1`, `oci-layout://${directory}@${digest}`],
        env,
      }),
  });
}
