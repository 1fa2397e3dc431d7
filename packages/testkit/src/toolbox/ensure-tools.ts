import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { run } from '@plimsoll/core/runtime/exec';
import type { Http } from '@plimsoll/core/runtime/http';
import { buildGoTool } from './go-build.ts';
import { withLock } from './lock.ts';
import { type ProgressSink, type ProgressStep, progressStep } from './progress.ts';
import { type GoTool, goRecipe } from './recipes.ts';
import { fetchRelease, releaseHttp, type ToolRelease } from './releases.ts';
import { isExecutable, makeDirectory, removeLeftovers, toolHome, toolsDir } from './store.ts';

export interface EnsureOptions {
  /** Where progress lines go while something is being made; standard error unless given. */
  readonly progress?: ProgressSink | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Builds to download instead of compiling; empty to compile everything. */
  readonly releases?: readonly ToolRelease[] | undefined;
}

interface Job {
  readonly tool: GoTool;
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  readonly releases: readonly ToolRelease[] | undefined;
}

/**
 * The paths of these programs, after fetching or compiling the ones that are not there yet. A second call takes
 * milliseconds. What is made stays in the user's cache directory, outside any work tree.
 *
 * @throws PlimsollError `tool-missing` when Go is not installed, `tool-failed`, `tool-output-invalid`,
 *   `tool-hash-mismatch`, `cancelled`
 */
export async function ensureTools<T extends GoTool>(
  tools: readonly T[],
  options: EnsureOptions = {},
): Promise<Record<T, string>> {
  const env = options.env ?? process.env;
  const { signal, releases } = options;
  const jobs = tools.map((tool): Job => ({ tool, file: toolFile(tool, env), env, signal, releases }));
  const present = await Promise.all(jobs.map((job) => isExecutable(job.file)));
  const missing = jobs.filter((_job, index) => present[index] === false);
  if (missing.length > 0) await makeAll(missing, env, options.progress ?? process.stderr);
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

async function makeAll(jobs: readonly Job[], env: NodeJS.ProcessEnv, sink: ProgressSink): Promise<void> {
  await removeLeftovers(toolsDir(env));
  await using http = releaseHttp(env);
  for (const [index, job] of jobs.entries()) {
    const name = `${job.tool} ${goRecipe(job.tool).version.slice(1)}`;
    const step = progressStep(sink, { index: index + 1, of: jobs.length, name });
    step.done(await make(job, step, http));
  }
}

async function make(job: Job, step: ProgressStep, http: Http): Promise<string> {
  const { tool, signal, releases } = job;
  const home = path.dirname(job.file);
  const onWait = () => step.doing('waiting for another builder');
  return withLock(`${home}.lock`, { signal, onWait }, async () => {
    if (await isExecutable(job.file)) return 'made by another builder';
    let how = 'downloaded';
    await makeDirectory(home, async (temporary) => {
      const output = path.join(temporary, tool);
      const onDownload = () => step.doing('downloading');
      if (!(await fetchRelease({ tool, output, http, signal, onDownload, releases }))) {
        step.doing('building');
        how = 'built';
        await build(job, temporary);
      }
      await checkVersion(tool, output, signal);
    });
    return how;
  });
}

async function build({ tool, env, signal }: Job, directory: string): Promise<void> {
  const recipe = goRecipe(tool);
  const workDir = path.join(directory, 'module');
  const output = path.join(directory, tool);
  await buildGoTool({ recipe, workDir, output, env, signal });
  await rm(workDir, { recursive: true });
  await chmod(output, 0o755);
}

/** A program that links but does not start, or is another version, must not stay. */
async function checkVersion(tool: GoTool, file: string, signal: AbortSignal | undefined): Promise<void> {
  const { version, versionArgs, testsIn } = goRecipe(tool);
  // Empty, because some programs take any file of their own name in their home for their configuration.
  const home = await mkdtemp(path.join(tmpdir(), 'plimsoll-tool-'));
  try {
    const env = { PATH: '/usr/bin:/bin', HOME: home, ...testsIn };
    const { stdout, stderr } = await run(file, versionArgs, { env, cwd: home, timeoutMs: 60_000, signal });
    if (testsIn !== undefined || `${stdout}\n${stderr}`.includes(version.slice(1))) return;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  throw new PlimsollError('tool-output-invalid', `${tool} was built but does not say that it is ${version}`, {
    hint: 'Its recipe is in packages/testkit/src/toolbox/recipes.ts; check the version variable.',
  });
}
