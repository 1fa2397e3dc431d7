import { type BuildMatrix, refuseUnusedLabels, runnerOf } from './build-matrix.ts';

/** One of several images that have nothing to do with each other. */
export interface MatrixImage {
  /** `registry/repository`. */
  readonly image: string;
  /** As the input `context` takes it. */
  readonly context: string;
  /** As the input `file` takes it; absent to look for one in the context. */
  readonly file: string | undefined;
  /** `os/architecture[/variant]`, each once. */
  readonly platforms: readonly string[];
  /** `NAME=value`. */
  readonly buildArgs: readonly string[];
}

/** One job of a matrix of images; each value is for the input of its name. */
export interface ImageLeg {
  readonly image: string;
  readonly context: string;
  /** Empty to look for one. */
  readonly file: string;
  /** Separated by commas. */
  readonly platforms: string;
  /** One `NAME=value` per line. */
  readonly 'build-args': string;
  /** Label for `runs-on`. */
  readonly runner: string;
  /** The image as a name of jobs and artifacts: `ghcr.io-acme-api`. */
  readonly name: string;
}

/**
 * A job for each image, on a runner of its processor where all its platforms have the same, and else on an x64 one,
 * which emulates the others.
 * @param own labels by platform, in place of GitHub's
 * @throws PlimsollError `input-conflict` for a label of a platform that no image has
 */
export function imagesMatrix(
  images: readonly MatrixImage[],
  own: Readonly<Record<string, string>>,
): BuildMatrix<ImageLeg> {
  refuseUnusedLabels(own, [...new Set(images.flatMap(({ platforms }) => platforms))]);
  const include = images.map(({ image, context, file = '', platforms, buildArgs }) => {
    const runners = new Set(platforms.map((platform) => runnerOf(platform, own)));
    const [first = runnerOf('linux/amd64', own)] = runners;
    return {
      image,
      context,
      file,
      platforms: platforms.join(','),
      'build-args': buildArgs.join('\n'),
      runner: runners.size === 1 ? first : runnerOf('linux/amd64', own),
      name: image.replaceAll(/[^A-Za-z0-9._-]+/g, '-'),
    };
  });
  return { include };
}
