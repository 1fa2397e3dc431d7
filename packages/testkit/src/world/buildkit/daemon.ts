import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Daemon } from '../daemon.ts';
import { flags } from '../flags.ts';
import type { Lifetime } from '../lifetime.ts';
import { type BuilderRegistries, buildkitConfig } from './config.ts';
import { pathWithEmulators } from './emulators.ts';
import { worldRunc } from './runc.ts';

export interface BuildkitdOptions {
  readonly command: string;
  readonly registries: BuilderRegistries;
  /** Of its folder and its log, where a world has several. */
  readonly name?: string;
}

/** A real buildkitd as root, with a state of its own. Resolves with its endpoint, `unix://…`. */
export async function startBuildkitd(lifetime: Lifetime, options: BuildkitdOptions): Promise<string> {
  const { command, registries, name = 'buildkit' } = options;
  if (process.getuid?.() !== 0) throw new Error('buildkitd must run as root where no Docker engine runs');
  const socket = lifetime.file(name, 'socket');
  const group = `${path.basename(lifetime.directory)}${name === 'buildkit' ? '' : `-${name}`}`;
  const config = lifetime.file(name, 'buildkitd.toml');
  writeFileSync(config, `${buildkitConfig(registries)}\n[worker.oci]\n  defaultCgroupParent = "${group}"\n`);
  lifetime.reaper.note({ kind: 'cgroup', name: group });
  const daemon = new Daemon(lifetime, {
    name: name === 'buildkit' ? 'buildkitd' : name,
    command,
    env: { PATH: pathWithEmulators(lifetime, name) },
    args: flags({
      config,
      addr: `unix://${socket}`,
      root: lifetime.folder(name, 'state'),
      // Its default is one fixed path for all.
      'otel-socket-path': lifetime.file(name, 'otel.sock'),
      'containerd-worker': false,
      'oci-worker': true,
      'oci-worker-snapshotter': 'auto',
      'oci-worker-binary': worldRunc(lifetime, name),
    }),
  });
  await daemon.outputMatch(/running server/);
  await daemon.until(() => (existsSync(socket) ? true : undefined));
  return `unix://${socket}`;
}
