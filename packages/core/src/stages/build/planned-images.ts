import path from 'node:path';
import type { ActionContext } from '../../github/action.ts';
import { BUILD_INPUTS } from '../../github/build-inputs.ts';
import { readGitContext } from '../../github/git-context.ts';
import { readImagesMatrix } from '../../github/images-matrix.ts';
import { readRunners } from '../../github/platforms-input.ts';
import type { Inputs } from '../../github/inputs.ts';
import { firstSaid } from '../../github/said-inputs.ts';
import { imagesMatrix, type ImageLeg, type MatrixImage } from '../../metadata/images-matrix.ts';
import { code, sections, table } from '../../report/markdown.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { findDockerfile } from './dockerfile.ts';

type Input = (typeof BUILD_INPUTS)[number] | 'dry-run';

/** What a plan of several images heeds. */
const PLANNED: readonly string[] = ['images-matrix', 'runners', 'if-missing'];
/** What each image of the list says for itself. */
const LISTED: readonly string[] = ['image', 'context', 'file', 'platforms', 'docker-matrix', 'build-args'];

/**
 * The plan of several images: a matrix with a job for each, which builds it with this same action. Those without a
 * Dockerfile are left out with `if-missing: skip`.
 *
 * @returns whether there was an `images-matrix`, and with it nothing else to do
 * @throws PlimsollError `input-invalid`, `input-conflict`, `reference-invalid`
 */
export async function planImages(context: ActionContext<Input>): Promise<boolean> {
  const { inputs, outputs, summary } = context;
  const text = inputs.text('images-matrix');
  if (text === undefined) return false;
  refuseOthers(inputs);
  const images = readImagesMatrix(text);
  const skip = inputs.choice('if-missing', ['error', 'skip']) === 'skip';
  const there = await Promise.all(images.map((image) => hasDockerfile(image, context)));
  const built = skip ? images.filter((_, index) => there[index]) : images;
  const matrix = imagesMatrix(built, built.length === 0 ? {} : readRunners(inputs.pairs('runners')));
  outputs.set('matrix', JSON.stringify(matrix));
  outputs.set('should-build', built.length > 0);
  outputs.set('pushed', false);
  summary.append(summaryOf(matrix.include));
  return true;
}

function refuseOthers(inputs: Inputs<Input>): void {
  const other = firstSaid(
    inputs,
    BUILD_INPUTS.filter((name) => !PLANNED.includes(name)),
  );
  if (other !== undefined) {
    const where = LISTED.includes(other)
      ? 'each image of the list has its own'
      : 'write it in the job that builds them';
    throw conflict(`"images-matrix" and "${other}" are both given`, `Leave "${other}" out: ${where}.`);
  }
  if (!inputs.boolean('dry-run')) {
    throw conflict(
      '"images-matrix" is planned in one step and built in others',
      'Write "dry-run: true" here, and one job with "strategy: matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}" that builds "image: ${{ matrix.image }}".',
    );
  }
}

/** Nothing is fetched for a plan: a repository is taken to have one. */
async function hasDockerfile(
  { image, context, file }: MatrixImage,
  { github, log }: ActionContext<Input>,
): Promise<boolean> {
  if (readGitContext(context, github) !== undefined) return true;
  const { workspace } = github;
  try {
    await findDockerfile(
      path.resolve(workspace, context),
      file === undefined ? undefined : path.resolve(workspace, file),
    );
    return true;
  } catch (error) {
    if (!isFailure(error, 'dockerfile-missing')) throw error;
    log.notice(`${image}: ${error.message}`);
    return false;
  }
}

function summaryOf(legs: readonly ImageLeg[]): string {
  const rows = legs.map(({ image, context, platforms, runner }) => [image, context, platforms, runner].map(code));
  return sections(
    legs.length === 0 ? '## Nothing to build' : `## ${legs.length} images to build`,
    table(['Image', 'Context', 'Platforms', 'Runner'], rows),
  );
}

function conflict(message: string, hint: string): PlimsollError {
  return new PlimsollError('input-conflict', message, { hint });
}
