import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { run } from '@plimsoll/core/runtime/exec';
import { buildGoTool } from './go-build.ts';
import { withLock } from './lock.ts';
import { type ProgressSink, type ProgressStep, progressStep } from './progress.ts';
import { type GoTool, goRecipe } from './recipes.ts';
import { isExecutable, makeDirectory, removeLeftovers, toolHome, toolsDir } from './store.ts';

export interface EnsureOptions {
  /** Where progress lines go while something is being made; standard error unless given. */
  readonly progress?: ProgressSink | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

interface Job {
  readonly tool: GoTool;
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * The paths of these programs, after compiling the ones that are not there yet. A second call takes milliseconds.
 * What is made stays in the user's cache directory, outside any work tree.
 *
 * @throws PlimsollError `tool-missing` when Go is not installed, `tool-failed`, `tool-output-invalid`, `cancelled`
 */
export async function ensureTools<T extends GoTool>(
  tools: readonly T[],
  options: EnsureOptions = {},
): Promise<Record<T, string>> {
  const env = options.env ?? process.env;
  const jobs = tools.map((tool): Job => ({ tool, file: toolFile(tool, env), env, signal: options.signal }));
  const present = await Promise.all(jobs.map((job) => isExecutable(job.file)));
  const missing = jobs.filter((_job, index) => present[index] === false);
  if (missing.length > 0) await removeLeftovers(toolsDir(env));
  for (const [index, job] of missing.entries()) {
    const { version } = goRecipe(job.tool);
    const name = `${job.tool} ${version.slice(1)}`;
    const step = progressStep(options.progress ?? process.stderr, { index: index + 1, of: missing.length, name });
    step.done(await make(job, step));
  }
  return Object.fromEntries(jobs.map((job) => [job.tool, job.file])) as Record<T, string>;
}

/** Which of these programs would have to be made first. */
export async function missingTools(tools: readonly GoTool[], env = process.env): Promise<GoTool[]> {
  const present = await Promise.all(tools.map((tool) => isExecutable(toolFile(tool, env))));
  return tools.filter((_tool, index) => present[index] === false);
}

function toolFile(tool: GoTool, env: NodeJS.ProcessEnv): string {
  const recipe = goRecipe(tool);
  const home = toolHome(toolsDir(env), { name: tool, version: recipe.version.slice(1), madeBy: recipe });
  return path.join(home, tool);
}

async function make(job: Job, step: ProgressStep): Promise<string> {
  const home = path.dirname(job.file);
  const lock = `${home}.lock`;
  const onWait = () => step.doing('waiting for another builder');
  return withLock(lock, { signal: job.signal, onWait }, async () => {
    if (await isExecutable(job.file)) return 'made by another builder';
    step.doing('building');
    await makeDirectory(home, (temporary) => build(job, temporary));
    return 'built';
  });
}

async function build({ tool, env, signal }: Job, directory: string): Promise<void> {
  const recipe = goRecipe(tool);
  const workDir = path.join(directory, 'module');
  const output = path.join(directory, tool);
  await buildGoTool({ recipe, workDir, output, env, signal });
  await rm(workDir, { recursive: true });
  await chmod(output, 0o755);
  await checkVersion(tool, output, signal);
}

/** A program that links but does not start, or is another version, must not stay. */
async function checkVersion(tool: GoTool, file: string, signal: AbortSignal | undefined): Promise<void> {
  const { version, versionArgs } = goRecipe(tool);
  // Empty, because some programs take any file of their own name in their home for their configuration.
  const home = await mkdtemp(path.join(tmpdir(), 'plimsoll-tool-'));
  try {
    const env = { PATH: '/usr/bin:/bin', HOME: home };
    const { stdout, stderr } = await run(file, versionArgs, { env, cwd: home, timeoutMs: 60_000, signal });
    if (`${stdout}\n${stderr}`.includes(version.slice(1))) return;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  throw new PlimsollError('tool-output-invalid', `${tool} was built but does not say that it is ${version}`, {
    hint: 'Its recipe is in packages/testkit/src/toolbox/recipes.ts; check the version variable.',
  });
}
