import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { NamedFile } from '../../github/artifact-inputs.ts';
import type { FilePart } from '../../oci/file-set.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';

const PARALLEL = 16;

/**
 * Finds the files of an artifact, all of them before one of them is used.
 *
 * @param workspace absolute
 * @throws PlimsollError `file-unreadable` for one that is not there or may not be read, `input-invalid` for one that is
 *   elsewhere by way of a symbolic link, or is neither file nor directory
 */
export async function findArtifactFiles(files: readonly NamedFile[], workspace: string): Promise<readonly FilePart[]> {
  const root = await realpath(workspace);
  return mapConcurrently(files, PARALLEL, (file) => find(file, workspace, root));
}

async function find({ title, mediaType }: NamedFile, workspace: string, root: string): Promise<FilePart> {
  const place = await realpath(path.join(workspace, title)).catch((cause: unknown) => {
    throw unreadable(title, 'is not there', cause);
  });
  if (!place.startsWith(`${root}${path.sep}`)) throw unfit(title, 'leads out of the workspace by a symbolic link');
  const found = await stat(place);
  if (!found.isFile() && !found.isDirectory()) throw unfit(title, 'is neither a file nor a directory');
  await access(place, constants.R_OK).catch((cause: unknown) => {
    throw unreadable(title, 'may not be read', cause);
  });
  return { title, path: place, isDirectory: found.isDirectory(), mediaType };
}

function unreadable(title: string, why: string, cause: unknown): PlimsollError {
  return new PlimsollError('file-unreadable', `The input "files" has "${title}", which ${why}`, {
    hint: 'Paths are relative to the workspace; patterns such as "*" are not expanded, but a directory can be listed. A step before has to make the file.',
    cause,
  });
}

function unfit(title: string, why: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "files" has "${title}", which ${why}`, {
    hint: 'Copy what is meant into the workspace in a step before.',
  });
}
