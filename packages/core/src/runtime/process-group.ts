import type { ChildProcess } from 'node:child_process';

/** When the stronger signals follow the first one, in milliseconds after it. */
export interface StopSchedule {
  readonly terminateAfterMs: number;
  readonly killAfterMs: number;
}

/**
 * The runner sends SIGINT, SIGTERM 7.5 s later and kills 2.5 s after that, so a tool must be gone
 * within the first 7.5 s for the action to end in its own words.
 */
export const runnerStopSchedule: StopSchedule = { terminateAfterMs: 5_000, killAfterMs: 7_000 };

const live = new Set<number>();
let guarded = false;

/** Kills what is still running when this process ends, since children in groups of their own would outlive it. */
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.once('exit', () => {
    for (const pid of live) signalGroup(pid, 'SIGKILL');
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** The group a child leads, which its own children belong to. */
export interface ProcessGroup {
  /** Starts the sequence SIGINT, SIGTERM, SIGKILL once; later calls do nothing. */
  stop(): void;
  /** Ends at once whatever is left. */
  kill(): void;
  /** Forgets the group and its timers; it must be empty. */
  release(): void;
}

/** Takes charge of a child that was started with `detached: true`. */
export function processGroup(child: ChildProcess, schedule: StopSchedule): ProcessGroup {
  const pid = child.pid;
  if (pid === undefined) return { stop() {}, kill() {}, release() {} };
  guardExit();
  live.add(pid);
  const timers: NodeJS.Timeout[] = [];
  return {
    stop() {
      if (timers.length > 0) return;
      signalGroup(pid, 'SIGINT');
      timers.push(setTimeout(() => signalGroup(pid, 'SIGTERM'), schedule.terminateAfterMs));
      timers.push(setTimeout(() => signalGroup(pid, 'SIGKILL'), schedule.killAfterMs));
    },
    kill: () => signalGroup(pid, 'SIGKILL'),
    release() {
      live.delete(pid);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
