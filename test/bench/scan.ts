import { availableParallelism } from 'node:os';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { type Figure, median } from './figure.ts';
import { interleave, timeWork } from './harness.ts';
import { sarifFigures } from './scan/sarif.ts';
import { type Alone, scannersAlone } from './scan/scanners-alone.ts';
import { prepare, wholeAction } from './scan/work.ts';

const ROUNDS = 3;
const SEQUENCE = 'trivy fs, trivy image amd64, trivy image arm64, osv-scanner one after another';
const BOUND = 'slowest of them alone, or their CPU time on all cores';

/** The action as a whole against its scanners as plain processes, which neither isolate nor judge anything. */
export async function scan(): Promise<Figure[]> {
  const sarif = sarifFigures();
  await using world = await startWorld({
    parts: ['github', 'hub'],
    tools: ['trivy', 'osv-scanner', 'cosign', 'registry'],
  });
  return [...(await compare(world, { shares: true })), ...(await compare(world, { shares: false })), ...sarif];
}

async function compare(world: World, { shares }: { readonly shares: boolean }): Promise<Figure[]> {
  const work = await prepare(world, { shares });
  const runAlone = await scannersAlone(work);
  const runs: Alone[] = [];
  const { ours } = await interleave(
    {
      ours: () => timeWork(() => wholeAction(work)),
      alone: async () => (runs[runs.push(await runAlone()) - 1] as Alone).sum,
    },
    ROUNDS,
  );
  const middle = (of: keyof Alone) => median(runs.slice(1).map((run) => run[of]));
  const figure = { bench: 'scan', unit: 'ms' as const, ours };
  const what = `two platforms of 300 MB ${shares ? 'in one layer' : 'in a layer each'}, source, lockfiles`;
  const bound = Math.max(middle('slowest'), middle('cpu') / availableParallelism());
  return [
    { ...figure, figure: what, peer: { name: SEQUENCE, value: middle('sum') }, ratioLimit: 0.8 },
    { ...figure, figure: `${what}: against what is possible`, peer: { name: BOUND, value: bound }, ratioLimit: 1.15 },
  ];
}
