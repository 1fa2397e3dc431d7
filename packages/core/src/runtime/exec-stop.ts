import path from 'node:path';
import { PlimsollError } from './errors.ts';
import type { ProcessGroup } from './process-group.ts';

/** Watches for the two reasons to stop a process early. */
export interface StopWatch {
  release(): void;
  /** @throws PlimsollError `cancelled` or `tool-timeout`, whichever came first, if any did */
  throwIfStopped(): void;
}

export interface StopReasons {
  readonly command: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export function watchForStop(group: ProcessGroup, { command, signal, timeoutMs }: StopReasons): StopWatch {
  let reason: PlimsollError | undefined;
  const stop = (error: PlimsollError) => {
    reason ??= error;
    group.stop();
  };
  const onAbort = () => stop(cancelled(command, signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop(timedOut(command, timeoutMs)), timeoutMs);
  return {
    release() {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    },
    throwIfStopped() {
      if (reason !== undefined) throw reason;
    },
  };
}

export function cancelled(command: string, signal: AbortSignal | undefined): PlimsollError {
  return new PlimsollError('cancelled', `${path.basename(command)} was stopped because the run was cancelled`, {
    hint: 'Run the job again; work that was finished is recognised and skipped.',
    cause: signal?.reason,
  });
}

function timedOut(command: string, timeoutMs: number): PlimsollError {
  const seconds = Math.round(timeoutMs / 100) / 10;
  return new PlimsollError('tool-timeout', `${path.basename(command)} did not end within ${seconds} s`, {
    hint: 'Read its last lines in the log above; allow more time when it was still working.',
  });
}
