import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { silentLog } from '@plimsoll/core/runtime/log';
import { toolScanners } from '@plimsoll/core/stages/scan/scanners';
import { arrangeOsvDatabases, fetchOsvDatabase } from '@plimsoll/core/stages/scan/osv-database';
import { fetchTrivyDatabase } from '@plimsoll/core/stages/scan/trivy-database';
import { flattenLayout } from '@plimsoll/core/stages/scan/flat-layout';
import { findTargets } from '@plimsoll/core/stages/scan/targets';
import { openLayout } from '@plimsoll/core/oci/layout';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { createHttp } from '@plimsoll/core/runtime/http';
import { createToolbox } from '@plimsoll/core/tools/toolbox';
import type { WrittenLayout } from '@plimsoll/testkit/layout/image-layout';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, packageLock, SCAN_ADVISORIES, ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import type { Figure } from './figure.ts';
import { interleave, timeWork } from './harness.ts';

const ROUNDS = 3;
const SEQUENCE = 'trivy fs, trivy image amd64, trivy image arm64, osv-scanner one after another';

/** What both contenders scan. */
interface Work {
  readonly world: World;
  readonly layout: WrittenLayout;
  readonly source: string;
  readonly databases: PublishedDatabases;
}

/**
 * An image of two platforms with some 300 MB of programs each, a source tree and a lockfile: the
 * action as a whole against its scanners run one after another, with the same flags and databases.
 */
export async function scan(): Promise<Figure[]> {
  await using world = await startWorld({
    parts: ['github', 'hub'],
    tools: ['trivy', 'osv-scanner', 'cosign', 'registry'],
  });
  const work = await prepare(world);
  const sequence = await scannersInTurn(work);
  const { ours, peer, slowest } = await interleave(
    {
      ours: async () => timeWork(() => wholeAction(work)),
      peer: async () => sequence.all(),
      slowest: async () => sequence.slowest(),
    },
    ROUNDS,
  );
  const figure = { bench: 'scan', unit: 'ms' as const, ours };
  return [
    {
      ...figure,
      figure: 'two platforms of 300 MB, source, lockfiles',
      peer: { name: SEQUENCE, value: peer },
      ratioLimit: 0.8,
    },
    {
      ...figure,
      figure: 'the same against its slowest scanner alone',
      peer: { name: 'slowest scanner', value: slowest },
    },
  ];
}

async function prepare(world: World): Promise<Work> {
  const subjects = new ScanSubjects(world.directory);
  const programs = await Promise.all(
    Object.entries(world.tools).map(async ([name, file]) => [`usr/bin/${name}`, await readFile(file)] as const),
  );
  const layout = await subjects.image({ ...alpineTree('1.2.5-r5'), ...Object.fromEntries(programs) });
  const source = subjects.source({ 'package-lock.json': packageLock('1.0.1'), Dockerfile: 'FROM scratch\nUSER 1\n' });
  return { world, layout, source, databases: await world.databases.publish(SCAN_ADVISORIES) };
}

async function wholeAction({ world, layout, source, databases }: Work): Promise<void> {
  const inputs = { layout: layout.directory, 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb };
  const { exitCode, log } = await runAction({ action: 'scan', world, inputs, cwd: source });
  if (exitCode !== 0) throw new Error(`the scan did not pass:\n${log}`);
}

/** The same scanners, each started when the one before has ended, with everything fetched beforehand. */
async function scannersInTurn({ world, layout, source, databases }: Work) {
  const tempDir = world.lifetime.folder('bench-scan');
  const cacheDir = path.join(tempDir, 'cache');
  const http = createHttp();
  const registries = new Registries({ credentials: noCredentials, http });
  const repository = registries.repository.bind(registries);
  const { cacheDir: database } = await fetchTrivyDatabase(databases.trivyDb, { cacheDir, repository });
  const osv = path.join(tempDir, 'osv');
  await arrangeOsvDatabases([await fetchOsvDatabase(databases.osvDb, 'npm', { cacheDir, http })], osv);
  const layoutDir = path.join(tempDir, 'flat');
  await flattenLayout(
    layout.directory,
    await findTargets(await openLayout(layout.directory), layout.digest),
    layoutDir,
  );
  const overrides = { trivy: world.tools.trivy ?? '', 'osv-scanner': world.tools['osv-scanner'] ?? '' };
  const toolbox = createToolbox({ toolCacheDir: tempDir, log: silentLog, http, overrides });
  const scanners = await toolScanners({ toolbox, log: silentLog, env: {}, tempDir });
  const steps = [
    () => scanners.source({ directory: source }),
    ...Object.values(layout.platforms).map((digest) => () => scanners.image({ layoutDir, digest, cacheDir: database })),
    () => scanners.lockfiles(source, osv),
  ];
  const times = async () => {
    const each: number[] = [];
    for (const step of steps) each.push(await timeWork(step));
    return each;
  };
  return {
    all: async () => (await times()).reduce((sum, each) => sum + each, 0),
    slowest: async () => Math.max(...(await times())),
  };
}
