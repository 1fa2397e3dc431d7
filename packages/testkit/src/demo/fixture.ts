import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const examples = path.resolve(import.meta.dirname, '../../../../examples');

/** A repository on disk as a checkout step would leave it. */
export interface Checkout {
  readonly directory: string;
  /** Forty hexadecimal digits. */
  readonly commit: string;
  /** Seconds since the epoch. */
  readonly committedAt: number;
}

/** A copy of the example, compiled for both platforms and committed. */
export async function checkoutHarbour(directory: string): Promise<Checkout> {
  await copyExample('harbour', directory);
  await compile(directory);
  await git(directory, 'init', '--quiet', '--initial-branch=main');
  return commitAll(directory, 'Weigh ships');
}

/**
 * The twin that must not sail: the same program on a dependency with a known vulnerability, and a
 * private key in the image. The key is made here, so that none is ever committed.
 */
export async function checkoutUnsafeTwin(directory: string): Promise<Checkout> {
  await copyExample('harbour', directory);
  await copyExample('harbour-unsafe', directory);
  await compile(directory);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(path.join(directory, 'bin/id_rsa'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await git(directory, 'init', '--quiet', '--initial-branch=main');
  return commitAll(directory, 'Ship a key by mistake');
}

/** A copy of an example that needs no compiler, committed. @param more files beside or in place of its own */
export async function checkoutExample(
  name: string,
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Checkout> {
  await copyExample(name, directory);
  for (const [file, text] of Object.entries(more)) await writeFile(path.join(directory, file), text);
  await git(directory, 'init', '--quiet', '--initial-branch=main');
  return commitAll(directory, `Add ${name}`);
}

/** Without its `.gitignore`: what is compiled here is committed too, so that a checkout is complete. */
function copyExample(name: string, directory: string): Promise<void> {
  const filter = (file: string) => path.basename(file) !== '.gitignore';
  return cp(path.join(examples, name), directory, { recursive: true, filter });
}

export async function commitAll(directory: string, subject: string): Promise<Checkout> {
  await git(directory, 'add', '--all');
  const person = ['-c', 'user.name=Harbour', '-c', 'user.email=harbour@example.com'];
  await git(directory, ...person, 'commit', '--quiet', '--allow-empty', '--message', subject);
  const line = await git(directory, 'log', '-1', '--format=%H %ct');
  const [commit = '', time = ''] = line.trim().split(' ');
  return { directory, commit, committedAt: Number(time) };
}

/** Makes the checkout one of this repository, for tools that ask git. */
export async function setOrigin(directory: string, url: string): Promise<void> {
  await git(directory, 'config', 'remote.origin.url', url);
}

async function compile(directory: string): Promise<void> {
  await mkdir(path.join(directory, 'bin'), { recursive: true });
  for (const architecture of ['amd64', 'arm64']) {
    const out = path.join('bin', `harbour-${architecture}`);
    const env = { ...process.env, GOOS: 'linux', GOARCH: architecture, CGO_ENABLED: '0', GOWORK: 'off' };
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
    await execute('go', ['build', ...flags, '-o', out, '.'], { cwd: directory, env });
  }
}

async function git(directory: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('git', ['-C', directory, ...args]);
  return stdout;
}
