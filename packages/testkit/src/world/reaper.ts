import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import path from 'node:path';

/** What crosses the pipe to the reaper's process. */
export type ReaperLine =
  | { readonly kind: 'group'; readonly id: number }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'cgroup'; readonly name: string };

/** Cleans up after a world, also after one whose process was killed. */
export interface Reaper {
  readonly pid: number;
  note(line: ReaperLine): void;
  /** Ends everything noted, removes the directory, and resolves when that is done. */
  close(): Promise<void>;
}

/**
 * Starts the reaper of one world. It holds the reading end of a pipe, so that the kernel tells it
 * of the end of this process however that comes about, SIGKILL included.
 */
export function startReaper(directory: string): Reaper {
  const self = import.meta.filename;
  const program = path.join(path.dirname(self), `reaper-process${path.extname(self)}`);
  const child = spawn(process.execPath, [program, directory], {
    // A session of its own: signals sent to this process's group or terminal do not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: '/',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the reaper did not start');
  const ended = once(child, 'exit');
  // A program that forgets to close its world still ends, and the reaper then does its work.
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  child.stdin.on('error', () => {}); // Only when the reaper is gone, and then nobody is left to tell.
  return {
    pid,
    note: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    close: async () => {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
