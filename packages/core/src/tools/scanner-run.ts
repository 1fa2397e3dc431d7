import { type RunOptions, type RunResult, run } from '../runtime/exec.ts';
import { environmentFor } from './environment.ts';
import { noIsolation } from './isolation.ts';
import type { ScannerPorts } from './scanner-ports.ts';

/** One run of a scanner. */
export interface ScannerRun extends Pick<RunOptions, 'timeoutMs' | 'acceptExitCodes' | 'captureLimit' | 'onLine'> {
  readonly tool: 'trivy' | 'osv-scanner';
  readonly args: readonly string[];
  /** Its working directory, and the only one it may write. */
  readonly dir: string;
  /** Everything else it may read. */
  readonly reads: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ScannerEnding extends RunResult {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a scanner as isolated as the ports say, with an environment of its own.
 *
 * @throws PlimsollError what `run` throws
 */
export async function runScanner(ports: ScannerPorts, scanner: ScannerRun): Promise<ScannerEnding> {
  const { tool, args, dir, reads, timeoutMs, acceptExitCodes, captureLimit, onLine } = scanner;
  const { path: program } = await ports.toolbox.get(tool);
  const env = { ...environmentFor(tool, ports.env), ...scanner.env, HOME: dir, TMPDIR: dir };
  const isolation = ports.isolation ?? noIsolation;
  const wrapped = await isolation.wrap({ program, args, env, workDir: dir, reads });
  const ended = await (ports.run ?? run)(wrapped.command, wrapped.args, {
    cwd: dir,
    env: wrapped.env,
    holdInput: wrapped.holdInput,
    name: tool,
    signal: ports.signal,
    timeoutMs,
    acceptExitCodes,
    captureLimit,
    onLine,
  });
  return { ...ended, program, env };
}
