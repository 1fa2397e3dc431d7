import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startWorld } from '../world/world.ts';
import { Account } from './account.ts';
import { checkoutHarbour, checkoutUnsafeTwin } from './fixture.ts';
import { Harbour } from './harbour.ts';
import { Consumer } from './proof.ts';
import { promoteToQuay, pruneOld, refuseUnsafe, rollBack, shipTwice } from './story.ts';
import { lookAround } from './look-around.ts';

const FOLDER = path.resolve('.plimsoll');
const SUMMARY = path.join(FOLDER, 'demo-summary.md');
const PAGES = { shipped: path.join(FOLDER, 'demo-shipped.html'), refused: path.join(FOLDER, 'demo-refused.html') };

/** One image from source to production, and its unsafe twin nowhere; ends with 0 only when all of that held. */
async function demo(): Promise<void> {
  const account = new Account();
  account.title('A world on 127.0.0.1');
  const world = await account.step('world', 'GHCR and Quay stand-ins, Sigstore, GitHub API, BuildKit', () =>
    startWorld({ tools: ['trivy', 'osv-scanner', 'crane'] }),
  );
  const harbour = await account.step('hub', 'base image, SBOM generator, vulnerability databases', () =>
    Harbour.open(world, account),
  );
  const [checkout, twin] = await account.step(
    'compile',
    'harbour and its unsafe twin, linux/amd64 and linux/arm64',
    () =>
      Promise.all([
        checkoutHarbour(world.lifetime.folder('harbour')),
        checkoutUnsafeTwin(world.lifetime.folder('harbour-unsafe')),
      ]),
  );
  const scene = { world, account, harbour, consumer: await Consumer.of(world) };
  const shipped = await shipTwice(scene, checkout);
  await promoteToQuay(scene, shipped);
  await rollBack(scene, shipped);
  await pruneOld(scene, shipped);
  await refuseUnsafe(scene, twin);
  await keepReports(harbour);
  account.title(
    `Done in ${account.elapsed}: 2 images shipped, 1 promoted, 1 rolled back, 1 pruned, 1 refused, ${account.proofs} proofs`,
  );
  account.say(`The job summaries are in ${SUMMARY}`);
  account.say(`The first and the last run as pages: ${PAGES.shipped} and ${PAGES.refused}`);
  if (process.argv.includes('--keep')) await lookAround(scene, shipped);
  await world.close();
}

async function keepReports(harbour: Harbour): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(SUMMARY, harbour.summary);
  await writeFile(PAGES.shipped, harbour.pages[0] ?? '');
  await writeFile(PAGES.refused, harbour.pages.at(-1) ?? '');
}

await demo();
