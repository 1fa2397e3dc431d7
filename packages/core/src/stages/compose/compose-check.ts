import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ActionContext } from '../../github/action.ts';
import type { BuildInputs } from '../../github/build-inputs.ts';
import type { ImageDescription } from '../../metadata/image-plan.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { readCompose } from '../../tools/compose.ts';
import { findDockerfile } from '../build/dockerfile.ts';
import { parseDockerfile } from '../dockerfile/stages.ts';
import { type ComposedSource, servicesOf } from './agreement.ts';

type Given = Pick<BuildInputs, 'composeFile' | 'image' | 'context' | 'file' | 'git' | 'options'>;

/**
 * The compose file of a run, where one is named: valid, and its services that are this image get this image.
 * @throws PlimsollError `compose-invalid`, `compose-mismatch`, `tool-missing`, `tool-output-invalid`, `cancelled`
 */
export async function checkCompose(
  given: Given,
  { tags }: ImageDescription,
  { env, signal, log, github, secrets }: ActionContext<never>,
): Promise<void> {
  const file = given.composeFile;
  if (file === undefined) return;
  const found = await readCompose(file, { env: { ...env }, signal, isSecret: (text) => secrets.isIn(text) });
  const shown = path.relative(github.workspace, file);
  if (found.withheld.length > 0)
    log.info(`${shown}: read without ${found.withheld.join(', ')}, which it does not need to be compared`);
  try {
    const names = tags.tags.map(({ name }) => name);
    const services = servicesOf(found, { image: given.image, tags: names, source: await sourceOf(given) });
    log.info(`${shown}: ${services.join(', ')} will get this image`);
  } catch (error) {
    if (!isFailure(error, 'compose-mismatch')) throw error;
    throw new PlimsollError(error.code, error.message, { hint: error.hint, place: { file: shown } });
  }
}

/** A Dockerfile that is not there is the build's to complain about. */
async function sourceOf({ context, file, git, options: { target } }: Given): Promise<ComposedSource | undefined> {
  if (git !== undefined) return undefined;
  try {
    const { path: dockerfile } = await findDockerfile(context, file);
    const { stages } = parseDockerfile(await readFile(dockerfile, 'utf8'));
    return { context: path.resolve(context), dockerfile, target, lastStage: stages.at(-1)?.name };
  } catch (error) {
    if (isFailure(error, 'dockerfile-missing')) return undefined;
    throw error;
  }
}
