import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { openLayout } from '@plimsoll/core/oci/layout';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { createHttp } from '@plimsoll/core/runtime/http';
import { flattenLayout } from '@plimsoll/core/stages/scan/flat-layout';
import { arrangeOsvDatabases, fetchOsvDatabase } from '@plimsoll/core/stages/scan/osv-database';
import { findTargets } from '@plimsoll/core/stages/scan/targets';
import { fetchTrivyDatabase } from '@plimsoll/core/stages/scan/trivy-database';
import { timeCommand } from '../harness.ts';
import { cpuOfChildren } from './children.ts';
import type { Work } from './work.ts';

/** What the four commands took, in milliseconds. */
export interface Alone {
  readonly sum: number;
  readonly slowest: number;
  /** Of all processors together. */
  readonly cpu: number;
}

const QUIET = ['--skip-version-check', '--disable-telemetry', '--no-progress', '--skip-check-update', '--offline-scan'];
const TRIVY = [...QUIET, '--cache-backend', 'memory', '--list-all-pkgs', '--format', 'json', '-o', 'report.json'];
const OFFLINE = ['--skip-db-update', '--skip-java-db-update', '--image-config-scanners', 'secret'];

interface Command {
  readonly tool: 'trivy' | 'osv-scanner';
  readonly args: readonly string[];
}

/** The scanners as a person runs them: plain processes, one after another, with everything fetched before. */
export async function scannersAlone(work: Work): Promise<() => Promise<Alone>> {
  const { tools, directory } = work.world;
  const around = await mkdtemp(path.join(directory, 'bench-alone-'));
  const commands = await commandsFor(work, around);
  return async () => {
    const cwd = await mkdtemp(path.join(around, 'run-'));
    const cpu = cpuOfChildren();
    const times: number[] = [];
    for (const { tool, args } of commands) {
      const env = { HOME: cwd, PATH: '/usr/bin:/bin', OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: path.join(around, 'osv') };
      times.push(await timeCommand({ command: tools[tool] ?? tool, args, env, cwd }));
    }
    await rm(cwd, { recursive: true });
    const sum = times.reduce((total, each) => total + each, 0);
    return { sum, slowest: Math.max(...times), cpu: cpuOfChildren() - cpu };
  };
}

async function commandsFor({ layout, source, databases }: Work, around: string): Promise<readonly Command[]> {
  await using http = createHttp();
  const registries = new Registries({ credentials: noCredentials, http });
  const repository = registries.repository.bind(registries);
  const held = await fetchTrivyDatabase(databases.trivyDb, { cacheDir: path.join(around, 'trivy'), repository });
  const archive = await fetchOsvDatabase(databases.osvDb, 'npm', { cacheDir: path.join(around, 'archives'), http });
  await arrangeOsvDatabases([archive], path.join(around, 'osv'));
  const flat = path.join(around, 'flat');
  const targets = await findTargets(await openLayout(layout.directory), layout.digest);
  await flattenLayout(layout.directory, targets, flat);
  const trivy = ['--cache-dir', held.cacheDir, '--config', '/dev/null'];
  const images = targets.map(({ descriptor: { digest } }): Command => {
    const input = ['--input', `${flat}@${digest}`, '--scanners', 'vuln,secret'];
    return { tool: 'trivy', args: [...trivy, 'image', ...input, ...OFFLINE, ...TRIVY] };
  });
  const offline = ['--offline', '--config', '/dev/null', '--all-packages', '--format', 'json'];
  return [
    { tool: 'trivy', args: [...trivy, 'fs', '--scanners', 'secret,misconfig', ...TRIVY, source] },
    ...images,
    { tool: 'osv-scanner', args: ['scan', 'source', ...offline, '--output-file', 'osv.json', '-r', source] },
  ];
}
