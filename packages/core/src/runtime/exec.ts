import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import path from 'node:path';
import { PlimsollError } from './errors.ts';
import { toolFailure } from './exec-failure.ts';
import { cancelled, watchForStop } from './exec-stop.ts';
import { type ProcessGroup, processGroup, runnerStopSchedule, type StopSchedule } from './process-group.ts';
import { type ProcessOutput, processOutput } from './process-output.ts';

export type StreamName = 'stdout' | 'stderr';

export interface RunOptions {
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Written to standard input, which is closed after it; without it standard input is empty. */
  readonly input?: string | Buffer | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string, stream: StreamName) => void) | undefined;
  /** Exit codes that are answers and not failures; 0 unless given. */
  readonly acceptExitCodes?: readonly number[] | undefined;
  /** How many bytes of each stream are returned, counted from its end; 8 MiB unless given. */
  readonly captureLimit?: number | undefined;
  readonly stopSchedule?: StopSchedule | undefined;
  /** What messages call the program; the command's own name unless given. */
  readonly name?: string | undefined;
  /** Keeps standard input open, empty, until the process is to stop: for one that ends itself when it closes. */
  readonly holdInput?: boolean | undefined;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** True when the beginning of a stream did not fit into the capture limit. */
  readonly truncated: boolean;
}

/** Starts one process and waits for it. The seam the tool wrappers take. */
export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;

const CAPTURE_LIMIT = 8 * 1024 * 1024;
/** How long output may still come from a grandchild after the tool itself has ended. */
const DRAIN_MS = 2_000;

/**
 * Runs a program without a shell, in a process group of its own, and returns what it wrote.
 *
 * When the signal is aborted or the time is up the whole group gets SIGINT, then SIGTERM, then SIGKILL.
 *
 * @throws PlimsollError `tool-failed`, `disk-full`, `tool-timeout`, `tool-missing`, `cancelled`
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted === true) throw cancelled(options.name ?? command, options.signal);
  const started = performance.now();
  const called = options.name ?? command;
  const limit = options.captureLimit ?? CAPTURE_LIMIT;
  const child = await start(command, args, options);
  const group = lifeline(child, processGroup(child, options.stopSchedule ?? runnerStopSchedule));
  try {
    const stdout = processOutput(limit, (line) => options.onLine?.(line, 'stdout'));
    const stderr = processOutput(limit, (line) => options.onLine?.(line, 'stderr'));
    const outcome = await supervise({ child, group, stdout, stderr, command: called, options });
    if (typeof outcome !== 'number' || !(options.acceptExitCodes ?? [0]).includes(outcome)) {
      throw toolFailure({ command: called, outcome, stderr: stderr.text() || stdout.text(), env: options.env });
    }
    return {
      exitCode: outcome,
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - started,
      truncated: stdout.truncated() || stderr.truncated(),
    };
  } finally {
    group.release();
  }
}

function start(command: string, args: readonly string[], options: RunOptions): Promise<ChildProcess> {
  const spawnOptions: SpawnOptions = {
    env: options.env,
    shell: false,
    detached: process.platform !== 'win32',
    stdio: [options.input === undefined && options.holdInput !== true ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
  return new Promise((resolve, reject) => {
    try {
      const child = spawn(command, [...args], spawnOptions);
      child.once('error', (error) => reject(cannotStart(command, error)));
      child.once('spawn', () => resolve(child));
    } catch (error) {
      // Thrown and not emitted for what the kernel refuses outright, such as an argument list that is too long.
      reject(cannotStart(command, error as NodeJS.ErrnoException));
    }
  });
}

interface Supervised {
  readonly child: ChildProcess;
  readonly group: ProcessGroup;
  readonly stdout: ProcessOutput;
  readonly stderr: ProcessOutput;
  readonly command: string;
  readonly options: RunOptions;
}

/** Pumps the streams until the process has ended; answers with its exit code or signal. */
async function supervise(supervised: Supervised): Promise<number | NodeJS.Signals> {
  const { child, group, command, options } = supervised;
  const { signal, timeoutMs } = options;
  const stop = watchForStop(group, { command, signal, timeoutMs });
  try {
    feed(child, options);
    return await ended(supervised);
  } catch (error) {
    group.kill();
    throw error;
  } finally {
    stop.release();
    stop.throwIfStopped();
  }
}

function feed(child: ChildProcess, { input, holdInput }: RunOptions): void {
  if (child.stdin === null) return;
  // A tool may end without reading its input; its exit code tells the story then.
  child.stdin.on('error', () => {});
  if (holdInput !== true) child.stdin.end(input);
}

/** A process of another user gets no signal from us, but sees that its input has ended. */
function lifeline(child: ChildProcess, group: ProcessGroup): ProcessGroup {
  const ending = (body: () => void) => () => {
    child.stdin?.destroy();
    body();
  };
  return { stop: ending(() => group.stop()), kill: ending(() => group.kill()), release: () => group.release() };
}

function ended({ child, group, stdout, stderr }: Supervised): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    const guard = (body: () => void) => {
      try {
        body();
      } catch (error) {
        reject(error);
      }
    };
    child.stdout?.on('data', (chunk: Buffer) => guard(() => stdout.write(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => guard(() => stderr.write(chunk)));
    child.once('error', reject);
    let drain: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      // A grandchild that keeps the pipe open must not keep us waiting.
      drain = setTimeout(() => {
        group.kill();
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
    });
    child.once('close', (code, signal) => {
      clearTimeout(drain);
      guard(() => {
        stdout.end();
        stderr.end();
        resolve(code ?? signal ?? 'SIGKILL');
      });
    });
  });
}

function cannotStart(command: string, error: NodeJS.ErrnoException): PlimsollError {
  const tool = path.basename(command);
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') {
    return new PlimsollError('tool-failed', `${tool} could not be started (${error.code ?? error.message})`, {
      hint: 'E2BIG means that build arguments or labels are too large together; pass fewer or shorter ones.',
      cause: error,
    });
  }
  const why = error.code === 'EACCES' ? 'may not be executed' : 'was not found';
  return new PlimsollError('tool-missing', `${tool} ${why} (${error.code})`, {
    hint: `Check that ${tool} is installed, executable and made for this processor, and that the working directory exists.`,
    cause: error,
  });
}
