import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../runtime/errors.ts';
import { pinsOfText } from './pinned-text.ts';
import { mergePins, type Pins } from './pins.ts';

export interface PinnedFilesRequest {
  /** Paths and globs below the workspace. */
  readonly patterns: readonly string[];
  readonly workspace: string;
  /** `registry/owner/name`. */
  readonly package: string;
}

/**
 * What manifests, values and compose files in the workspace name of the package.
 * @throws PlimsollError `file-unreadable` when a pattern matches no file, or one cannot be read: what is in use would be unknown
 */
export async function pinsFromFiles(request: PinnedFilesRequest): Promise<Pins> {
  const found = await Promise.all(request.patterns.map((pattern) => filesOf(pattern, request.workspace)));
  const files = [...new Set(found.flat())].toSorted();
  return mergePins(await Promise.all(files.map((file) => pinsOf(file, request))));
}

async function filesOf(pattern: string, workspace: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of glob(pattern, { cwd: workspace, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.relative(workspace, path.join(entry.parentPath, entry.name)));
  }
  if (files.length > 0) return files;
  throw new PlimsollError('file-unreadable', `"${pattern}" under protect.files matches no file in ${workspace}`, {
    hint: 'What is in use is unknown, so nothing was deleted. Put actions/checkout before this step, or correct the path.',
  });
}

async function pinsOf(file: string, { workspace, package: name }: PinnedFilesRequest): Promise<Pins> {
  return pinsOfText(await readText(path.join(workspace, file)), { rule: `protect/file ${file}`, package: name });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `${file}, named under protect.files, cannot be read`, {
      hint: 'What is in use is unknown, so nothing was deleted.',
      cause,
    });
  }
}
