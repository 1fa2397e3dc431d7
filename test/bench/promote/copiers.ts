import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { World } from '@plimsoll/testkit/world/world';
import type { TimedCommand } from '../harness.ts';

/** The command that copies `acme/app` to this repository of the destination. */
export type CopyCommand = (repository: string) => TimedCommand;

export interface CopierSetup {
  /** Our own copy, bundled. */
  readonly bundle: string;
  readonly tools: World['tools'];
  /** Directory with what the tools read from a home. */
  readonly home: string;
  /** Hosts. */
  readonly source: string;
  readonly to: string;
  readonly tag: string;
}

/** Ours and the peers, on the same work, each as its users would call it. */
export async function copiers({ bundle, tools, home, source, to, tag }: CopierSetup) {
  const env = { HOME: home, PATH: '/usr/bin:/bin', DOCKER_CONFIG: home };
  const from = `${source}/acme/app:${tag}`;
  const command =
    (
      program: string | undefined,
      args: (target: string) => readonly string[],
      more: Readonly<Record<string, string>> = {},
    ): CopyCommand =>
    (repository) => ({
      command: program ?? '',
      args: args(`${to}/${repository}:${tag}`),
      env: { ...env, ...more },
      cwd: home,
    });
  const regctl = (config: string) =>
    command(tools.regctl, (target) => ['image', 'copy', '--referrers', '--digest-tags', from, target], {
      REGCTL_CONFIG: config,
    });
  const [usual, tuned] = await Promise.all([regctlConfig(home, [source, to]), regctlConfig(home, [source, to], 20)]);
  const ours: CopyCommand = (repository) => ({
    command: process.execPath,
    args: [bundle, source, to, repository, tag],
    env,
    cwd: home,
  });
  return {
    ours,
    'crane -j 2': command(tools.crane, (target) => ['copy', '-j', '2', from, target]),
    'crane -j 16': command(tools.crane, (target) => ['copy', '-j', '16', from, target]),
    regctl: regctl(usual),
    'regctl, 20 at a time': regctl(tuned),
    'buildx imagetools': command(tools.buildx, (target) => ['imagetools', 'create', '-t', target, from]),
    'cosign copy': command(tools.cosign, (target) => [
      'copy',
      '--allow-insecure-registry',
      '--allow-http-registry',
      from,
      target,
    ]),
  };
}

async function regctlConfig(home: string, hosts: readonly string[], concurrent?: number): Promise<string> {
  const file = path.join(home, `regctl-${concurrent ?? 'default'}.json`);
  const host = { tls: 'disabled', ...(concurrent === undefined ? {} : { reqConcurrent: concurrent }) };
  await writeFile(
    file,
    JSON.stringify({ hosts: Object.fromEntries(hosts.map((name) => [name, { ...host, hostname: name }])) }),
  );
  return file;
}
