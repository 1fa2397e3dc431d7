import path from 'node:path';
import type { Inputs } from '../../github/inputs.ts';
import { isFailure } from '../../runtime/errors.ts';
import { findDockerfile } from '../build/dockerfile.ts';
import type { DockerfileSource } from './origins.ts';

interface Places {
  /** Absolute directory in which a Dockerfile is looked for; nowhere unless given. */
  readonly source: string | undefined;
  readonly workspace: string;
}

/**
 * The Dockerfile of the image that is scanned; nothing when there is none to be found.
 *
 * @throws PlimsollError `dockerfile-missing` when the one that is named is not there
 */
export async function readDockerfileInputs(
  inputs: Pick<Inputs<'file' | 'target'>, 'text'>,
  { source, workspace }: Places,
): Promise<DockerfileSource | undefined> {
  const named = inputs.text('file');
  const target = inputs.text('target');
  if (named === undefined) return knownDockerfile({ context: source, file: undefined, target }, workspace);
  const { path: file } = await findDockerfile(workspace, path.resolve(workspace, named));
  return inRepository(file, { target, workspace });
}

interface Wanted {
  readonly context: string | undefined;
  readonly file: string | undefined;
  readonly target: string | undefined;
}

/** The one that an image was built from, as far as it is here: a job that merges shards may have no sources. */
export async function knownDockerfile(
  { context, file, target }: Wanted,
  workspace: string,
): Promise<DockerfileSource | undefined> {
  if (context === undefined) return undefined;
  try {
    const found = await findDockerfile(context, file);
    return inRepository(path.resolve(workspace, found.path), { target, workspace });
  } catch (error) {
    if (isFailure(error) && error.code === 'dockerfile-missing') return undefined;
    throw error;
  }
}

/** Code scanning only shows files of the repository, so another is of no use. */
function inRepository(
  file: string,
  { target, workspace }: { readonly target: string | undefined; readonly workspace: string },
): DockerfileSource | undefined {
  const relative = path.relative(workspace, file).replaceAll(path.sep, '/');
  return relative.startsWith('..') ? undefined : { file, path: relative, target };
}
