import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { executable } from '../executable.ts';

const execute = promisify(execFile);
const BINFMT = '/proc/sys/fs/binfmt_misc';

/**
 * Lets the kernel run programs of the other architecture, as installing qemu-user-static and binfmt-support
 * does where an init system runs; without one, as in a container, nobody has done it yet. The setting is the
 * machine's and stays. Resolves with whether `RUN` steps of the other platform will work.
 */
export async function ensureEmulation(): Promise<boolean> {
  const emulator = process.arch === 'arm64' ? 'qemu-x86_64' : 'qemu-aarch64';
  if (existsSync(`${BINFMT}/${emulator}`)) return true;
  const update = executable('update-binfmts');
  if (update === undefined) return false;
  // Another world may do the same at the same moment; what counts is what is there afterwards.
  if (!existsSync(`${BINFMT}/register`)) await attempt('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
  await attempt(update, ['--enable', emulator]);
  return existsSync(`${BINFMT}/${emulator}`);
}

async function attempt(command: string, args: readonly string[]): Promise<void> {
  await execute(command, [...args]).catch(() => {});
}
