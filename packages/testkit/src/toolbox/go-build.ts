import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isFailure, PlimsollError } from '@plimsoll/core/runtime/errors';
import { type Run, run } from '@plimsoll/core/runtime/exec';
import type { GoRecipe } from './recipes.ts';

export interface GoBuild {
  readonly recipe: GoRecipe;
  /** An empty directory for the throw-away module. */
  readonly workDir: string;
  /** Where the program goes. */
  readonly output: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

/**
 * Compiles a program inside a module of its own that only requires it.
 *
 * `go install package@version` would be shorter, but it asks the proxy for the list of versions, which a mirror
 * may refuse, and it cannot repeat the `exclude` lines that some programs need.
 *
 * @throws PlimsollError `tool-missing` without Go, `tool-failed` when the build does
 */
export async function buildGoTool(build: GoBuild): Promise<void> {
  const env = goEnvironment(build);
  await mkdir(build.workDir, { recursive: true });
  const go = async (args: readonly string[]): Promise<string> => {
    const result = await (build.run ?? run)('go', args, { env, cwd: build.workDir, signal: build.signal }).catch(
      explainMissingGo,
    );
    return result.stdout;
  };
  const { module, version } = build.recipe;
  const download = JSON.parse(await go(['mod', 'download', '-json', `${module}@${version}`])) as { GoMod: string };
  const theirs = await readFile(download.GoMod, 'utf8');
  await writeFile(path.join(build.workDir, 'go.mod'), throwAwayModule(build.recipe, theirs));
  const sums = build.recipe.sums?.map((sum) => `${module} ${version}${sum.startsWith('/') ? '' : ' '}${sum}\n`) ?? [];
  await writeFile(path.join(build.workDir, 'go.sum'), sums.join(''));
  await go([
    ...(build.recipe.testsIn === undefined ? ['build'] : ['test', '-c']),
    '-mod=mod',
    '-buildvcs=false',
    linkerFlags(build.recipe),
    '-o',
    build.output,
    build.recipe.package,
  ]);
}

/** The text of a go.mod that builds the recipe's package as its own module would. */
export function throwAwayModule(recipe: GoRecipe, theirs: string): string {
  const language = /^go\s+(\S+)/m.exec(theirs)?.[1] ?? '1.26';
  const excludes = theirs.match(/^exclude[ \t]*(?:\([\s\S]*?^\)|[^\n(]+$)/gm) ?? [];
  return [
    'module plimsoll.invalid/toolbox',
    `go ${language}`,
    `require ${recipe.module} ${recipe.version}`,
    ...excludes,
    '',
  ].join('\n');
}

function linkerFlags({ version, versionVariable, versionValue }: GoRecipe): string {
  const stamp = versionVariable === undefined ? '' : ` -X ${versionVariable}=${versionValue ?? version}`;
  return `-ldflags=-s -w${stamp}`;
}

function goEnvironment({ recipe, env }: GoBuild): Record<string, string> {
  const { GOBIN: _bin, GOOS: _os, GOARCH: _arch, ...rest } = env;
  const settings = {
    CGO_ENABLED: '0',
    GOFLAGS: '-trimpath',
    GOWORK: 'off',
    GOTOOLCHAIN: 'auto',
    ...recipe.env,
  };
  return Object.fromEntries(
    Object.entries({ ...rest, ...settings }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function explainMissingGo(error: unknown): never {
  if (!isFailure(error, 'tool-missing')) throw error;
  throw new PlimsollError('tool-missing', 'Go is needed to compile the tools of the tests and was not found', {
    hint: 'Install Go 1.26 or newer (https://go.dev/dl/) and put its bin directory on PATH.',
    cause: error,
  });
}
