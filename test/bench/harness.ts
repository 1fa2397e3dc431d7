import { spawn } from 'node:child_process';
import { median } from './figure.ts';

/** One way to do the work; the number it returns is what is compared, in the unit of the figure. */
export type Contender = () => Promise<number>;

/**
 * Runs all contenders in turn, round after round, so that a slow minute of the machine hurts all of them
 * alike, and returns the median of each. The first round warms up and does not count.
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const values = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const value = await contenders[name]();
      if (round > 0) values.get(name)?.push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(values.get(name) ?? [])])) as Record<Name, number>;
}

export interface TimedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The exit code that means the work was done; 0 unless given. */
  readonly exitCode?: number;
}

/** Milliseconds from start to end of a process. A wrong exit code is an error: a failed run is not a fast one. */
export function timeCommand({ command, args, env, cwd, exitCode = 0 }: TimedCommand): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const elapsed = performance.now() - started;
      if (code === exitCode) resolve(elapsed);
      else reject(new Error(`${command} ended with ${code}, not ${exitCode}:\n${Buffer.concat(output).toString()}`));
    });
  });
}

/** Milliseconds that a piece of work takes. */
export async function timeWork(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
