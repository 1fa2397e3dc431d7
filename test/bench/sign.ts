import { startWorld } from '@plimsoll/testkit/world/world';
import { CosignCommands } from './evidence/cosign-commands.ts';
import { EvidenceScene } from './evidence/scene.ts';
import type { Figure } from './figure.ts';
import { interleave } from './harness.ts';

const ROUNDS = 3;

/**
 * An index and two platforms, each with a signature and three predicates, in a registry 40 ms away: the
 * action as a whole against the twelve commands of cosign, one after another.
 */
export async function sign(): Promise<Figure[]> {
  await using world = await startWorld({ parts: ['sigstore'], tools: ['cosign', 'registry'] });
  const scene = await EvidenceScene.start(world);
  await using proxy = scene.proxy;
  const cosign = new CosignCommands(scene);
  const requests = { ours: 0, peer: 0 };
  let images = 0;
  const fresh = async (who: keyof typeof requests, work: (of: Fresh) => Promise<number>) => {
    const built = await scene.push(`${who} ${(images += 1)}`);
    proxy.reset();
    const milliseconds = await work({ built, verdict: scene.verdictOf(built) });
    requests[who] = proxy.requests.length;
    return milliseconds;
  };
  const { ours, peer } = await interleave(
    {
      ours: () => fresh('ours', async ({ built, verdict }) => (await scene.sign(built, verdict)).milliseconds),
      peer: () => fresh('peer', ({ built, verdict }) => cosign.signAll(built, verdict)),
    },
    ROUNDS,
  );
  const name = 'cosign sign, cosign attest in turn';
  const figure = 'index and 2 platforms, signature and 3 predicates each';
  return [
    { bench: 'sign', figure, unit: 'ms', ours, peer: { name, value: peer }, ratioLimit: 0.35 },
    { bench: 'sign', figure: 'requests', unit: 'requests', ours: requests.ours, peer: { name, value: requests.peer } },
  ];
}

interface Fresh {
  readonly built: Awaited<ReturnType<EvidenceScene['push']>>;
  readonly verdict: string;
}
