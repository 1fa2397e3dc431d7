import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { executable } from '../executable.ts';
import type { Lifetime } from '../lifetime.ts';
import { type BuilderRegistries, buildkitConfig } from './config.ts';
import { startBuildkitd } from './daemon.ts';

const execute = promisify(execFile);

/** A builder that buildx finds through `env`. */
export interface Buildkit {
  readonly builderName: string;
  /** `unix://…`, or the Docker engine's container. */
  readonly endpoint: string;
  readonly driver: 'remote' | 'docker-container';
  /** BUILDX_CONFIG, DOCKER_CONFIG and BUILDX_BUILDER. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts one more daemon, with nothing in common with the others. Resolves with its endpoint. */
  another(name: string): Promise<string>;
}

export interface BuildkitOptions {
  readonly buildx: string;
  /** Asked for only where no Docker engine answers. */
  readonly buildkitd: () => Promise<string>;
  readonly registries: BuilderRegistries;
}

/** The docker-container driver where a Docker engine answers, and a buildkitd of our own where none does. */
export async function startBuildkit(lifetime: Lifetime, options: BuildkitOptions): Promise<Buildkit> {
  const builderName = path.basename(lifetime.directory);
  const env = {
    BUILDX_CONFIG: lifetime.folder('buildx'),
    DOCKER_CONFIG: lifetime.folder('docker'),
    BUILDX_BUILDER: builderName,
  };
  writeFileSync(lifetime.file('docker', 'config.json'), '{}');
  const buildx = (...args: string[]) =>
    execute(options.buildx, args, { env: { PATH: process.env['PATH'] ?? '', HOME: lifetime.directory, ...env } });
  const daemon = async (name?: string) => {
    const command = await options.buildkitd();
    return startBuildkitd(lifetime, {
      command,
      registries: options.registries,
      ...(name === undefined ? {} : { name }),
    });
  };
  const common = { builderName, env, another: daemon };
  if (await dockerEngineAnswers()) {
    await createInEngine(lifetime, buildx, { builderName, env, ...options });
    return { ...common, driver: 'docker-container', endpoint: `docker-container://${builderName}` };
  }
  const endpoint = await daemon();
  await buildx('create', '--name', builderName, '--driver', 'remote', endpoint);
  return { ...common, driver: 'remote', endpoint };
}

type Run = (...args: string[]) => Promise<unknown>;
type Created = Pick<Buildkit, 'builderName' | 'env'> & Pick<BuildkitOptions, 'buildx' | 'registries'>;

async function createInEngine(lifetime: Lifetime, run: Run, { builderName, env, buildx, registries }: Created) {
  const config = lifetime.file('docker', 'buildkitd.toml');
  writeFileSync(config, buildkitConfig(registries));
  const undo = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), buildx];
  lifetime.reaper.note({ kind: 'command', argv: [...undo, 'rm', '--force', builderName] });
  const driver = ['--driver', 'docker-container', '--driver-opt', 'network=host'];
  await run('create', '--name', builderName, ...driver, '--buildkitd-config', config);
  await run('inspect', '--bootstrap', builderName);
}

async function dockerEngineAnswers(): Promise<boolean> {
  const docker = executable('docker');
  if (docker === undefined) return false;
  const asked = execute(docker, ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 });
  return asked.then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  );
}
