import type { ActionRun } from '../runner/run-action.ts';
import type { World } from '../world/world.ts';
import type { Account } from './account.ts';
import { type Checkout, commitAll } from './fixture.ts';
import type { Harbour } from './harbour.ts';
import { planLines } from './plan-lines.ts';
import type { Consumer } from './proof.ts';

/** Everybody who takes part. */
export interface Scene {
  readonly world: World;
  readonly account: Account;
  readonly harbour: Harbour;
  readonly consumer: Consumer;
}

/** What was published, by digest. */
export interface Shipped {
  readonly checkout: Checkout;
  readonly first: string;
  readonly second: string;
}

/** Two commits go to GHCR; a re-run of the second finds it done. */
export async function shipTwice(scene: Scene, checkout: Checkout): Promise<Shipped> {
  const { account, harbour, consumer } = scene;
  const image = ghcrImage(scene);
  account.title('A commit on main: one step builds, scans, publishes, signs, verifies and tags');
  const first = succeeded(await harbour.push(image, checkout)).outputs['digest'] ?? '';
  account.title('The next commit');
  const next = await commitAll(checkout.directory, 'Weigh them again');
  const second = succeeded(await harbour.push(image, next)).outputs['digest'] ?? '';
  account.title('The same commit again: found, verified, not built');
  const again = succeeded(await harbour.push(image, next));
  demand(again.outputs['resumed'] === 'true' && again.outputs['digest'] === second, 'the re-run did not resume');
  account.title('What others say of it');
  demand((await consumer.digest(`${image}:main`)) === second, 'main does not point to the newest image');
  account.proof('crane', `main is ${second.slice(0, 19)}…`);
  await consumer.checkEvidence(`${image}@${second}`, harbour.trust, (what) => account.proof('cosign', what));
  return { checkout: next, first, second };
}

/** The digest goes to Quay with all its evidence; the tags come last. */
export async function promoteToQuay(scene: Scene, { checkout, second }: Shipped): Promise<void> {
  const { account, harbour, consumer } = scene;
  const [source, destination] = [ghcrImage(scene), quayImage(scene)];
  account.title('Promotion to Quay: verify, copy everything, verify again, tag');
  const tags = 'v1.0.0\n1.0.0\n1.0\n1\nlatest';
  succeeded(await harbour.promote({ source: `${source}@${second}`, destination, tags }, checkout));
  for (const tag of ['1.0.0', 'latest']) {
    const there = await consumer.digest(`${destination}:${tag}`);
    demand(there === (await consumer.digest(`${source}@${second}`)), `${tag} is not the digest that was promoted`);
    account.proof('crane', `digest of ${tag} is equal on both sides`);
  }
  await consumer.checkEvidence(`${destination}@${second}`, harbour.trust, (what) => account.proof('cosign', what));
}

/** `prod` at Quay goes to the new image and, by what the promotions recorded, back to the old one. */
export async function rollBack(scene: Scene, { checkout, first, second }: Shipped): Promise<void> {
  const { account, harbour, consumer } = scene;
  const [source, destination, channel] = [ghcrImage(scene), quayImage(scene), 'prod'];
  account.title('A channel: prod goes to the first image, to the second, and back');
  for (const digest of [first, second]) {
    succeeded(await harbour.promote({ source: `${source}@${digest}`, destination, channel }, checkout));
    demand((await consumer.digest(`${destination}:prod`)) === digest, 'prod is not what was promoted');
    account.proof('crane', `prod is ${digest.slice(0, 19)}…`);
  }
  const back = { source: destination, channel, to: 'previous', reason: 'The second one sinks' };
  succeeded(await harbour.promote(back, checkout));
  demand((await consumer.digest(`${destination}:prod`)) === first, 'prod did not go back');
  account.proof('crane', `prod is ${first.slice(0, 19)}… again, and its evidence is with it`);
  await consumer.checkEvidence(`${destination}@${first}`, harbour.trust, (what) => account.proof('cosign', what));
}

/** The older image goes with everything that hangs on it; the newer one stays whole. */
export async function pruneOld(scene: Scene, { checkout, first, second }: Shipped): Promise<void> {
  const { account, harbour, consumer } = scene;
  const image = ghcrImage(scene);
  account.title('Retention: the plan first, then exactly that plan');
  const planned = succeeded(await harbour.prune({ package: image }, checkout));
  const plan = planned.outputs['plan'] ?? '';
  for (const line of planLines(plan)) account.say(line);
  succeeded(await harbour.prune({ package: image, mode: 'apply', plan }, checkout));
  demand(!(await consumer.exists(`${image}@${first}`)), 'the old image is still there');
  account.proof('crane', `${first.slice(0, 19)}… is gone`);
  demand(await consumer.exists(`${image}@${second}`), 'the kept image is gone');
  await consumer.checkEvidence(`${image}@${second}`, harbour.trust, (what) => account.proof('cosign', what));
}

/** A vulnerable dependency and a private key: the run stops at the scan, and nothing was uploaded. */
export async function refuseUnsafe(scene: Scene, twin: Checkout): Promise<void> {
  const { account, harbour, consumer, world } = scene;
  const image = `${world.ghcr.host}/acme/harbour-unsafe`;
  account.title('The unsafe twin: a vulnerable dependency, and a private key in a layer');
  const run = await harbour.push(image, twin);
  const [error] = run.annotations.filter(({ level }) => level === 'error');
  demand(run.exitCode === 1 && run.outputs['outcome'] === 'fail', 'the unsafe image was not refused');
  account.stage(`✘ scan      ${error?.message.slice(0, 300) ?? ''}`);
  demand((await consumer.tags(image)).length === 0, 'the unsafe image left a tag');
  account.proof('crane', 'the registry has never heard of it: no tag, no manifest');
  const writes = world.ghcr.front.requests.filter(
    ({ method, path }) => /harbour-unsafe/.test(path) && !READS.has(method),
  );
  demand(writes.length === 0, 'something of the unsafe image was uploaded');
  account.proof('registry', 'its log has no upload of it, not even of a blob');
}

export const ghcrImage = ({ world }: Scene): string => `${world.ghcr.host}/acme/harbour`;
export const quayImage = ({ world }: Scene): string => `${world.quay.host}/acme/harbour`;

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

function succeeded(run: ActionRun): ActionRun {
  if (run.exitCode === 0) return run;
  throw new Error(`an action ended with ${run.exitCode}:\n${run.shown}`);
}

function demand(held: boolean, otherwise: string): void {
  if (!held) throw new Error(`The demo did not hold: ${otherwise}`);
}
