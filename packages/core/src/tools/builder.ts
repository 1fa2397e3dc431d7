import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { lastLines } from '../runtime/exec-failure.ts';
import { type Run, run } from '../runtime/exec.ts';
import { csv, each } from './build-options.ts';
import { environmentFor } from './environment.ts';
import type { Toolbox } from './toolbox.ts';

/** One place where images are built. */
export interface BuilderNode {
  readonly driver: 'remote' | 'kubernetes' | 'docker-container';
  /** `tcp://host:port`, `unix:///path`; absent for the cluster or the engine that is set up. */
  readonly endpoint?: string;
  /** `os/architecture[/variant]`; all that it can when empty. */
  readonly platforms: readonly string[];
  /** As `--driver-opt` takes them: `cacert`, `namespace`, `image`. */
  readonly options: Readonly<Record<string, string>>;
  /** buildkitd.toml. */
  readonly config?: string;
}

export interface BuilderPorts {
  readonly toolbox: Toolbox;
  readonly env: NodeJS.ProcessEnv;
  readonly tempDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

/** BuildKit for builders made here, by digest: what builds an image decides what is in it. */
export const BUILDKIT_IMAGE =
  'moby/buildkit:v0.33.0@sha256:6c2fa84a6b61ccd72899dde4239f8d5717f05f9a8ca6f3cad185fb1a95a94de3';

const TIMEOUT_MS = 120_000;

/** A name that no builder has. */
export function newBuilderName(): string {
  return `plimsoll-${randomBytes(6).toString('hex')}`;
}

/**
 * Makes a builder of one node. Nothing is dialled before it is used.
 * @throws PlimsollError `builder-missing` with what buildx said, `cancelled`
 */
export async function createBuilder(name: string, node: BuilderNode, ports: BuilderPorts): Promise<void> {
  await buildx(createArguments(name, node, await writeConfig(node, path.join(ports.tempDir, `${name}.toml`))), ports);
}

/** The command line. @param config path of buildkitd.toml */
export function createArguments(name: string, node: BuilderNode, config?: string): readonly string[] {
  const { driver, endpoint, platforms, options } = node;
  return [
    'create',
    ...each('--name', [name]),
    ...each('--driver', [driver]),
    ...each('--platform', platforms.length === 0 ? [] : [platforms.join(',')]),
    ...Object.entries(options).flatMap(([key, value]) => ['--driver-opt', csv([`${key}=${value}`])]),
    ...each('--buildkitd-config', config === undefined ? [] : [config]),
    ...(endpoint === undefined ? [] : ['--', endpoint]),
  ];
}

/** Removes what {@link createBuilder} made, with the containers or pods that belong to it. One that is gone is no error. */
export async function removeBuilder(name: string, ports: BuilderPorts): Promise<void> {
  await buildx(['rm', '--force', name], ports).catch((error: unknown) => {
    const said = isFailure(error, 'builder-missing') && error.cause instanceof Error ? error.cause.message : '';
    if (!said.includes(`no builder "${name}" found`)) throw error;
  });
}

/** The driver of the builder in use; `undefined` where that cannot be told. */
export async function driverInUse(ports: BuilderPorts): Promise<string | undefined> {
  try {
    return /^Driver:\s+(\S+)/m.exec(await buildx(['inspect'], ports))?.[1];
  } catch (error) {
    if (isFailure(error, 'builder-missing')) return undefined;
    throw error;
  }
}

async function writeConfig({ config }: BuilderNode, file: string): Promise<string | undefined> {
  if (config === undefined) return undefined;
  await writeFile(file, config);
  return file;
}

async function buildx(
  args: readonly string[],
  { toolbox, env, signal, run: start = run }: BuilderPorts,
): Promise<string> {
  const { path: program } = await toolbox.get('buildx');
  const acceptExitCodes = Array.from({ length: 128 }, (_, code) => code);
  const options = { env: environmentFor('buildx', env), signal, acceptExitCodes, timeoutMs: TIMEOUT_MS };
  const { exitCode, stdout, stderr } = await start(program, args, options);
  if (exitCode === 0) return stdout;
  const reason = lastLines(stderr, 1)[0]?.replace(/^ERROR: /, '') ?? `exit code ${exitCode}`;
  throw new PlimsollError('builder-missing', `buildx ${args[0]}: ${reason.slice(0, 600)}`, {
    hint: 'Check the lines of "builder-endpoint", and that this runner reaches what they name.',
    cause: new Error(lastLines(stderr).join('\n')),
  });
}
