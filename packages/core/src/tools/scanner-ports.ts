import type { Isolation } from './isolation.ts';
import type { ToolPorts } from './tool-ports.ts';

/** What every call of a scanner needs beside what it scans. */
export interface ScannerPorts extends ToolPorts {
  readonly timeoutMs?: number | undefined;
  /** How it is kept from this job; not at all unless given. */
  readonly isolation?: Isolation | undefined;
}
