import { type Clock, systemClock } from '../runtime/clock.ts';
import type { LineSink } from './commands.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What an action touches of the process it runs in. */
export interface ActionHost {
  readonly env: Environment;
  readonly sink: LineSink;
  readonly clock: Clock;
  /** The runner sends SIGINT, 7.5 s later SIGTERM, and 2.5 s later kills (ProcessInvoker.cs). */
  onSignal(listener: (signal: string) => void): void;
  /** An error that nobody awaited. */
  onCrash(listener: (error: unknown) => void): void;
  exit(code: number): void;
}

/** This process. Standard output is synchronous for files, pipes and terminals on Linux and macOS, so nothing is lost on exit. */
export const processHost: ActionHost = {
  env: process.env,
  sink: { write: (line) => void process.stdout.write(`${line}\n`) },
  clock: systemClock,
  onSignal: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
  },
  onCrash: (listener) => {
    process.on('uncaughtException', listener);
    process.on('unhandledRejection', listener);
  },
  exit: (code) => process.exit(code),
};
