import type { Run } from '../runtime/exec.ts';
import type { Log } from '../runtime/log.ts';
import type { Toolbox } from './toolbox.ts';

/** What every call of a tool needs beside what it is to do. */
export interface ToolPorts {
  readonly toolbox: Toolbox;
  readonly log: Log;
  /** The job's environment; a tool sees only what its allow-list names. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether a text holds a secret that this run was given. */
  readonly isSecret?: ((text: string) => boolean) | undefined;
  /** Where private working directories and homes are made, and removed again. */
  readonly tempDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}
