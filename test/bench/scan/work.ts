import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Tree, type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, packageLock, SCAN_ADVISORIES, ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import type { World } from '@plimsoll/testkit/world/world';

/** What all contenders scan. */
export interface Work {
  readonly world: World;
  readonly layout: WrittenLayout;
  readonly source: string;
  readonly databases: PublishedDatabases;
}

/**
 * An image of two platforms with some 300 MB of programs each, a source tree and a lockfile.
 *
 * @param shares whether the platforms have those programs in one layer, as images of scripts do, or each in its own
 */
export async function prepare(world: World, { shares }: { readonly shares: boolean }): Promise<Work> {
  const programs = await Promise.all(
    Object.entries(world.tools).map(async ([name, file]) => [`usr/bin/${name}`, await readFile(file)] as const),
  );
  const root: Tree = { ...alpineTree('1.2.5-r5'), ...Object.fromEntries(programs) };
  const images = ['amd64', 'arm64'].map((architecture) => {
    const own: Tree = { 'arch.txt': architecture };
    return { architecture, layers: shares ? [root, own] : [{ ...own, ...root }] };
  });
  const layout = await writeImageLayout(world.lifetime.folder(`bench-${shares}`), images);
  const subjects = new ScanSubjects(world.directory);
  const source = subjects.source({ 'package-lock.json': packageLock('1.0.1'), Dockerfile: 'FROM scratch\nUSER 1\n' });
  return { world, layout, source, databases: await world.databases.publish(SCAN_ADVISORIES) };
}

/** The action as a whole, in a process of its own. */
export async function wholeAction({ world, layout, source, databases }: Work): Promise<void> {
  const inputs = { layout: layout.directory, 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb };
  const env = { RUNNER_TOOL_CACHE: path.join(world.directory, 'tool-cache') };
  const { exitCode, log } = await runAction({ action: 'scan', world, inputs, env, cwd: source });
  if (exitCode !== 0) throw new Error(`the scan did not pass:\n${log}`);
}
