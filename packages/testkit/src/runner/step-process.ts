import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface StepProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onOutput?: ((text: string) => void) | undefined;
}

/** How the runner cancels a step (ProcessInvoker.cs): each signal after so many milliseconds more. */
const CANCELLATION = [
  ['SIGINT', 0],
  ['SIGTERM', 7_500],
  ['SIGKILL', 2_500],
] as const;

/** Runs a step to its end; both output streams become one log. 128 and more is a signal, as in a shell. */
export function runStep(step: StepProcess): Promise<{ exitCode: number; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, [...step.args], {
      cwd: step.cwd,
      env: { ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const take = (chunk: string) => {
      log += chunk;
      step.onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const ended = new AbortController();
    const cancel = () => void cancelling((signal) => child.kill(signal), ended.signal);
    step.signal?.addEventListener('abort', cancel, { once: true });
    if (step.signal?.aborted) cancel();
    child.on('error', reject);
    child.on('close', (code) => {
      ended.abort();
      step.signal?.removeEventListener('abort', cancel);
      resolve({ exitCode: code ?? 137, log });
    });
  });
}

async function cancelling(kill: (signal: NodeJS.Signals) => void, ended: AbortSignal): Promise<void> {
  for (const [signal, after] of CANCELLATION) {
    await delay(after, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) return;
    kill(signal);
  }
}
