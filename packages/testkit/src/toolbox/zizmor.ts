import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '@plimsoll/core/runtime/exec';
import { withLock } from './lock.ts';
import { progressStep } from './progress.ts';
import type { EnsureOptions } from './ensure-tools.ts';
import { isExecutable, makeDirectory, toolHome, toolsDir } from './store.ts';

const VERSION = '1.32.0';

/** The wheel on PyPI for each processor whose hash was confirmed; elsewhere cargo compiles it. */
const WHEELS: Readonly<Record<string, string>> = {
  x64: '84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071',
};

/** Why there is no zizmor. */
export interface Unavailable {
  readonly reason: string;
}

interface Making {
  readonly directory: string;
  readonly env: Record<string, string>;
  readonly signal: AbortSignal | undefined;
}

/** Puts an executable `zizmor` into the directory; false when its means are not on this machine. */
type Maker = (making: Making) => Promise<boolean>;

/**
 * The path of zizmor, the linter of workflows, fetched or compiled when it is not there yet. It is not a
 * Go program, so a machine without both Python and cargo goes without it, and is told why.
 *
 * @throws PlimsollError `tool-failed`, `cancelled`
 */
export async function ensureZizmor(options: EnsureOptions = {}): Promise<string | Unavailable> {
  const env = options.env ?? process.env;
  const home = toolHome(toolsDir(env), { name: 'zizmor', version: VERSION, madeBy: WHEELS });
  const file = path.join(home, 'zizmor');
  if (await isExecutable(file)) return file;
  return withLock(`${home}.lock`, { signal: options.signal, onWait: () => {} }, async () => {
    if (await isExecutable(file)) return file;
    const step = progressStep(options.progress ?? process.stderr, { index: 1, of: 1, name: `zizmor ${VERSION}` });
    step.doing('fetching');
    const making = { env: defined(env), signal: options.signal };
    const made = await makeDirectory(home, (directory) => make({ ...making, directory })).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NoMeans) return false;
        throw error;
      },
    );
    step.done(made ? 'ready' : 'not available');
    return made ? file : { reason: 'zizmor needs python3 with pip, or cargo, and neither is here' };
  });
}

class NoMeans extends Error {}

async function make(making: Making): Promise<void> {
  for (const maker of [fromWheel, fromCrate]) if (await maker(making)) return;
  throw new NoMeans();
}

const fromWheel: Maker = async ({ directory, env, signal }) => {
  const sha256 = WHEELS[process.arch];
  if (sha256 === undefined || !(await works('python3', ['-m', 'pip', '--version'], env))) return false;
  const python = (...args: readonly string[]) => run('python3', args, { env, cwd: directory, signal });
  await writeFile(path.join(directory, 'requirements.txt'), `zizmor==${VERSION} --hash=sha256:${sha256}\n`);
  await python('-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-r', 'requirements.txt');
  const { stdout } = await python('-c', UNPACK);
  await rename(path.join(directory, stdout.trim()), path.join(directory, 'zizmor'));
  await chmod(path.join(directory, 'zizmor'), 0o755);
  await rm(path.join(directory, 'wheel'), { recursive: true });
  return true;
};

/** Unpacks the one wheel here and prints where its program lies. */
const UNPACK = `
import glob, zipfile
zipfile.ZipFile(glob.glob('*.whl')[0]).extractall('wheel')
print(glob.glob('wheel/*.data/scripts/zizmor')[0])
`;

const fromCrate: Maker = async ({ directory, env, signal }) => {
  if (!(await works('cargo', ['--version'], env))) return false;
  const root = path.join(directory, 'cargo');
  await mkdir(root);
  await run('cargo', ['install', '--quiet', '--locked', '--root', root, `zizmor@${VERSION}`], { env, signal });
  await rename(path.join(root, 'bin', 'zizmor'), path.join(directory, 'zizmor'));
  return true;
};

async function works(command: string, args: readonly string[], env: Record<string, string>): Promise<boolean> {
  return run(command, args, { env, timeoutMs: 60_000 }).then(
    () => true,
    () => false,
  );
}

function defined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
