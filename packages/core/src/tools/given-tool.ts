import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { PlimsollError } from '../runtime/errors.ts';
import { run } from '../runtime/exec.ts';
import { overrideVariable, type ToolName } from './catalog.ts';
import type { ToolBinary } from './install.ts';

/** Of the tools whose version is told: that of BuildKit matters for an image, and its provenance names it. */
const VERSION_ARGS: Partial<Record<ToolName, readonly string[]>> = {
  cosign: ['version'],
  'osv-scanner': ['--version'],
  trivy: ['--version'],
};

/**
 * A tool that somebody put on the machine. A scanner's or signer's version is asked for, because verdicts name it.
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
  const args = VERSION_ARGS[name];
  if (args === undefined) return { name, version: 'unknown', path: file };
  // An empty environment would do, but trivy insists on having a home.
  const env = { HOME: '/nonexistent' };
  const { stdout } = await run(file, args, { env, timeoutMs: 30_000, signal });
  return { name, version: /\bv?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? 'unknown', path: file };
}
