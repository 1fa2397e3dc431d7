import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Distribution } from './distribution.ts';

const execute = promisify(execFile);

export interface DownloadRequest {
  readonly distribution: Distribution;
  /** Debian's name, such as `arm64`; it need not be this machine's. */
  readonly architecture: string;
  readonly packages: readonly string[];
  /** An empty directory to work in. */
  readonly directory: string;
}

/**
 * Downloads packages with the signatures checked, through an apt whose whole state is in `directory`:
 * the system's own architectures, lists and packages are neither used nor changed.
 * Resolves with the paths of the `.deb` files.
 */
export async function downloadPackages(request: DownloadRequest): Promise<string[]> {
  const { directory, architecture } = request;
  const folder = (...names: string[]) => path.join(directory, ...names);
  await mkdir(folder('state', 'lists', 'partial'), { recursive: true });
  await mkdir(folder('cache', 'archives', 'partial'), { recursive: true });
  await mkdir(folder('packages'));
  await writeFile(folder('state', 'status'), '');
  await writeFile(folder('sources.list'), sourcesList(request));
  await writeFile(folder('apt.conf'), aptConfig(architecture, directory));
  const env = { ...process.env, APT_CONFIG: folder('apt.conf'), LC_ALL: 'C' };
  const apt = (...args: string[]) => execute('apt-get', ['--quiet=2', ...args], { env, cwd: folder('packages') });
  await apt('update');
  await apt('download', ...request.packages);
  const names = await readdir(folder('packages'));
  return names.filter((name) => name.endsWith('.deb')).map((name) => folder('packages', name));
}

function sourcesList({ distribution, architecture }: DownloadRequest): string {
  const archive = distribution.archives[architecture];
  if (archive === undefined) throw new Error(`no archive is known for ${distribution.id} on ${architecture}`);
  const components = distribution.id === 'ubuntu' ? 'main universe' : 'main';
  return `deb [signed-by=${distribution.keyring}] ${archive} ${distribution.codename} ${components}\n`;
}

function aptConfig(architecture: string, directory: string): string {
  return [
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    `Dir::State "${directory}/state";`,
    `Dir::State::status "${directory}/state/status";`,
    `Dir::Cache "${directory}/cache";`,
    `Dir::Etc::sourcelist "${directory}/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    // The user that apt would change to may not write below a private directory.
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    '',
  ].join('\n');
}
