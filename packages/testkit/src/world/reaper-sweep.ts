import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';

const CGROUPS = '/sys/fs/cgroup';

/** What a world leaves to its reaper. */
export interface Estate {
  /** The world's own directory; everything below it goes. */
  readonly directory: string;
  /** Process groups of the daemons. */
  readonly groups: readonly number[];
  /** Commands that undo what is neither a process, a mount nor a file here, such as a container. */
  readonly commands: readonly (readonly string[])[];
  /** Names of control groups that were made for build steps. */
  readonly cgroups: readonly string[];
}

/** Ends everything of a world, and leaves nothing of it on the machine. Never throws. */
export function sweep(estate: Estate): void {
  for (const [command, ...args] of estate.commands) quietly(() => run(command ?? 'true', args));
  for (const group of estate.groups) quietly(() => process.kill(-group, 'SIGKILL'));
  // A process that was starting may itself start one more between two passes.
  for (let pass = 0; pass < 50; pass++) {
    const members = worldProcesses(estate.directory);
    if (members.length === 0) break;
    for (const pid of members) quietly(() => process.kill(pid, 'SIGKILL'));
    pause(20);
  }
  for (const mount of mountsBelow(estate.directory)) quietly(() => run('umount', ['--lazy', mount]));
  for (const name of estate.cgroups) removeCgroups(name);
  quietly(() => rmSync(estate.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
}

/**
 * Processes that belong to the world: they carry its marker in their environment, or, like the
 * containers of a build, live in a mount namespace of their own made of the world's directories.
 */
export function worldProcesses(directory: string): number[] {
  const marker = `PLIMSOLL_WORLD=${directory}\0`;
  const namespace = mountNamespace('self');
  return numericEntries('/proc').filter((pid) => {
    if (pid === process.pid || isZombie(pid)) return false;
    if (`${read(`/proc/${pid}/environ`)}\0`.includes(marker)) return true;
    const own = mountNamespace(pid);
    return own !== undefined && own !== namespace && read(`/proc/${pid}/mountinfo`).includes(`${directory}/`);
  });
}

/** Mount points below a directory, deepest first. */
export function mountsBelow(directory: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((mount) => mount.startsWith(`${directory}/`))
    .toReversed();
}

/** Version 2 has one hierarchy; version 1 one in each directory. */
function removeCgroups(name: string): void {
  const hierarchies = quietly(() => readdirSync(CGROUPS)) ?? [];
  for (const root of [CGROUPS, ...hierarchies.map((hierarchy) => `${CGROUPS}/${hierarchy}`)]) {
    removeCgroup(`${root}/${name}`);
  }
}

function removeCgroup(path: string): void {
  quietly(() => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeCgroup(`${path}/${entry.name}`);
    }
  });
  quietly(() => rmdirSync(path));
}

/** A killed process whose parent has not waited for it is no longer anything that can be ended. */
function isZombie(pid: number): boolean {
  return / Z /.test(read(`/proc/${pid}/stat`).replace(/^.*\)/s, ''));
}

function mountNamespace(pid: number | 'self'): string | undefined {
  return quietly(() => readlinkSync(`/proc/${pid}/ns/mnt`));
}

function numericEntries(directory: string): number[] {
  return (quietly(() => readdirSync(directory)) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Octal escapes of proc(5). */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function read(path: string): string {
  return quietly(() => readFileSync(path, 'utf8')) ?? '';
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, [...args], { stdio: 'ignore', timeout: 30_000 });
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** What is already gone needs no further ending, so a failure here is not one. */
function quietly<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}
