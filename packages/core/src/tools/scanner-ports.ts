import type { Run } from '../runtime/exec.ts';
import type { Log } from '../runtime/log.ts';
import type { Isolation } from './isolation.ts';
import type { Toolbox } from './toolbox.ts';

/** What every call of a scanner needs beside what it scans. */
export interface ScannerPorts {
  readonly toolbox: Toolbox;
  readonly log: Log;
  /** The job's environment; a scanner sees only what its allow-list names. */
  readonly env: NodeJS.ProcessEnv;
  /** Where private working directories are made, and removed again. */
  readonly tempDir: string;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
  /** How it is kept from this job; not at all unless given. */
  readonly isolation?: Isolation | undefined;
}
