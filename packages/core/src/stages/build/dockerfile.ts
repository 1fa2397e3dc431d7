import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactInputs } from '../../github/artifact-inputs.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';

/** Where a Dockerfile is looked for in a context directory, in this order. */
export const DOCKERFILE_PLACES = ['Dockerfile', 'Containerfile', 'docker/Dockerfile', 'build/Dockerfile'] as const;

export interface FoundDockerfile {
  /** Path as BuildKit takes it: joined to the context. */
  readonly path: string;
  /** Other places that also hold one, for a notice. */
  readonly others: readonly string[];
}

/**
 * The Dockerfile to build: `file` when it is given (relative to the working directory, as
 * docker/build-push-action has it), else the first of {@link DOCKERFILE_PLACES}.
 *
 * @throws PlimsollError `dockerfile-missing`, which names every place looked at
 */
export async function findDockerfile(context: string, file?: string): Promise<FoundDockerfile> {
  if (file !== undefined) {
    if (await isFile(file)) return { path: file, others: [] };
    throw missingDockerfile([file], 'Set `file` to the path of your Dockerfile, relative to the workspace.');
  }
  const places = DOCKERFILE_PLACES.map((place) => path.join(context, place));
  const there = await Promise.all(places.map(isFile));
  const [first, ...others] = places.filter((_, index) => there[index]);
  if (first !== undefined) return { path: first, others };
  throw missingDockerfile(places, 'Add a Dockerfile there, or set `file` to its path or `context` to its directory.');
}

export interface PlannedSource {
  readonly artifact?: ArtifactInputs | undefined;
  readonly context: string;
  readonly file: string | undefined;
  readonly git?: object | undefined;
}

/**
 * For plans: what is built of. A Dockerfile that is not there yet is a notice, because tags and labels can be told
 * without it; so are the files of an artifact, which an earlier step makes.
 */
export async function plannedSource({ artifact, context, file, git }: PlannedSource, log: Log): Promise<string> {
  if (artifact !== undefined) return artifact.files.map(({ title }) => title).join(', ');
  // Nothing is fetched for a plan.
  if (git !== undefined) return file ?? DOCKERFILE_PLACES[0];
  try {
    return (await findDockerfile(context, file)).path;
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code !== 'dockerfile-missing') throw error;
    log.notice(error.message);
    return file ?? path.join(context, DOCKERFILE_PLACES[0]);
  }
}

/** @param places all that were looked at */
export function missingDockerfile(
  places: readonly string[],
  hint = 'Set `file` to its path in the context.',
): PlimsollError {
  return new PlimsollError('dockerfile-missing', `No Dockerfile found; looked at ${places.join(', ')}`, { hint });
}

async function isFile(place: string): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  return found?.isFile() ?? false;
}
