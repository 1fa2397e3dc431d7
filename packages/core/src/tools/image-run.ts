import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../oci/digest.ts';
import { isFailure } from '../runtime/errors.ts';
import { run, type RunResult } from '../runtime/exec.ts';
import { each } from './build-options.ts';
import { buildFailure } from './buildx-failure.ts';
import { environmentFor } from './environment.ts';
import { inPrivateDirectory } from './private-directory.ts';
import { RunProgress, type StepProgress } from './raw-progress.ts';
import { startFailure, type StartFailure } from './start-failure.ts';
import type { ToolPorts } from './tool-ports.ts';

/** One start of a program in an image. */
export interface ImageRun {
  /** Directory of an OCI layout. */
  readonly layout: string;
  /** Of the manifest of one platform in it, whose configuration has no ONBUILD. */
  readonly digest: Digest;
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly argv: readonly string[];
  readonly builder?: string | undefined;
  /** For the program alone; loading the image does not count. */
  readonly timeoutMs: number;
}

/** What came of it. */
export type RunEnd =
  | {
      readonly kind: 'ended';
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
      readonly clipped: boolean;
    }
  | { readonly kind: 'timeout'; readonly stdout: string; readonly stderr: string }
  | ({ readonly kind: 'not-started' } & StartFailure)
  /** BuildKit stopped it, or did not say how it ended. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** BuildKit cuts what a step writes (`BUILDKIT_STEP_LOG_MAX_SIZE`), and says so in it. */
const CLIPPED = /\[output clipped, log limit [^\]]+ reached\]/;

/**
 * Starts a program in an image as a step of a build that is thrown away: with the user, the directory and the
 * environment of the image, without a network and without any secret. BuildKit must not answer from its cache.
 *
 * @throws PlimsollError `builder-missing`, `disk-full`, `build-failed` where the image could not be loaded, `cancelled`
 */
export function runInImage(task: ImageRun, ports: ToolPorts): Promise<RunEnd> {
  return inPrivateDirectory(ports.tempDir, async (dir) => {
    const file = path.join(dir, 'Dockerfile');
    await writeFile(file, runDockerfile(task.argv));
    return supervise(task, file, ports);
  });
}

/** One step, as exec form: there may be no shell in the image, and nothing in the arguments is for one. */
export function runDockerfile(argv: readonly string[]): string {
  // What is escaped can be neither a heredoc nor the end of the line.
  const escaped = JSON.stringify(argv).replaceAll(/[^\w ",.:/=@+[\]-]/g, (char) =>
    char === '\\' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `FROM image\nRUN --network=none ${escaped}\n`;
}

async function supervise(task: ImageRun, file: string, ports: ToolPorts): Promise<RunEnd> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const progress = new RunProgress(() => {
    clearTimeout(timer);
    timer = setTimeout(() => limit.abort(), task.timeoutMs);
  });
  try {
    const signals = [limit.signal, ...(ports.signal === undefined ? [] : [ports.signal])];
    const whole = { ...ports, signal: AbortSignal.any(signals) };
    const result = await buildx(imageRunArguments(task, file), whole, (line) => progress.read(line));
    return endOf(progress.step, result, file);
  } catch (error) {
    if (!isFailure(error, 'cancelled') || !limit.signal.aborted || ports.signal?.aborted === true) throw error;
    return { kind: 'timeout', ...textsOf(progress.step) };
  } finally {
    clearTimeout(timer);
  }
}

async function buildx(
  args: readonly string[],
  { toolbox, env, signal, run: start = run }: ToolPorts,
  onLine: (line: string) => void,
): Promise<RunResult> {
  const { path: program } = await toolbox.get('buildx');
  const acceptExitCodes = Array.from({ length: 128 }, (_, code) => code);
  return start(program, args, { env: environmentFor('buildx', env), signal, acceptExitCodes, onLine });
}

/** The command line. @param file the generated Dockerfile, in a directory with nothing else */
export function imageRunArguments({ layout, digest, platform, builder }: ImageRun, file: string): string[] {
  return [
    'build',
    ...each('--builder', builder === undefined ? [] : [builder]),
    ...each('--file', [file]),
    ...each('--platform', [platform]),
    ...each('--build-context', [`image=oci-layout://${path.resolve(layout)}@${digest}`]),
    '--no-cache',
    '--provenance=false',
    '--sbom=false',
    ...each('--output', ['type=cacheonly']),
    '--progress=rawjson',
    '--',
    path.dirname(file),
  ];
}

function endOf(step: StepProgress, { exitCode, stderr: said }: RunResult, file: string): RunEnd {
  if (!step.started) throw buildFailure(withoutProgress(said), file);
  const texts = textsOf(step);
  const clipped = CLIPPED.test(texts.stderr) || CLIPPED.test(texts.stdout);
  if (exitCode === 0 && step.completed && !step.cached && step.error === undefined)
    return { kind: 'ended', exitCode, ...texts, clipped };
  const [, emulator, code] =
    /^process "(\/dev\/\.buildkit_qemu_emulator )?[^]*" did not complete successfully: exit code: (\d+)$/.exec(
      step.error ?? '',
    ) ?? [];
  if (code === undefined) return { kind: 'unknown', reason: step.error ?? unexplained(step) };
  const end = { exitCode: Number(code), ...texts };
  const failure = startFailure({ ...end, emulated: emulator !== undefined });
  return failure === undefined ? { kind: 'ended', ...end, clipped } : { kind: 'not-started', ...failure };
}

function unexplained({ cached }: StepProgress): string {
  return cached ? 'BuildKit answered from its cache' : 'BuildKit does not say how the program ended';
}

function textsOf({ stdout, stderr }: StepProgress): { readonly stdout: string; readonly stderr: string } {
  return { stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

function withoutProgress(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n');
}
