import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { PlimsollError } from '../runtime/errors.ts';
import { run } from '../runtime/exec.ts';
import { overrideVariable, type ToolName } from './catalog.ts';
import type { ToolBinary } from './install.ts';

const VERSION_ARGS: Readonly<Record<ToolName, readonly string[]>> = {
  buildx: ['version'],
  cosign: ['version'],
  'osv-scanner': ['--version'],
  trivy: ['--version'],
};

/**
 * A tool that somebody put on the machine. Its version is asked for, because verdicts name it.
 *
 * @throws PlimsollError `tool-missing`
 */
export async function givenTool(name: ToolName, file: string, signal?: AbortSignal): Promise<ToolBinary> {
  try {
    await access(file, constants.X_OK);
  } catch (cause) {
    throw new PlimsollError('tool-missing', `${overrideVariable(name)} names ${file}, which is not a program`, {
      hint: `Set ${overrideVariable(name)} to the full path of an executable ${name}, or leave it empty.`,
      cause,
    });
  }
  // An empty environment would do, but trivy insists on having a home.
  const env = { HOME: '/nonexistent' };
  const { stdout } = await run(file, VERSION_ARGS[name], { env, timeoutMs: 30_000, signal });
  return { name, version: /\bv?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? 'unknown', path: file };
}
