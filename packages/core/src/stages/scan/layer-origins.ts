import type { Instruction } from '../../policy/findings.ts';
import type { DockerfileStage } from '../dockerfile/stages.ts';
import type { DockerfileStep } from '../dockerfile/steps.ts';

/** What the config of an image tells of its layers (image-spec, config.md). */
export interface LayerHistory {
  readonly history: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
  /** Both names of each layer that has content, in order. */
  readonly layers: readonly (readonly string[])[];
}

/** Whose entries stand in an image's history. */
const RECORDED = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);
const LONGEST_TEXT = 80;

/**
 * Which instruction made each layer, by the layer's names. The history is read from its end, as long as it goes with the
 * Dockerfile; whatever is below that came with the base image.
 *
 * @param stages from the bottom to the one that was built
 */
export function layerOrigins(
  { history, layers }: LayerHistory,
  stages: readonly DockerfileStage[],
  path: string,
): ReadonlyMap<string, Instruction> {
  const origins = new Map<string, Instruction>();
  const base = stages[0]?.from;
  const filled = history.filter((entry) => entry.empty_layer !== true);
  if (base === undefined || filled.length !== layers.length) return origins;
  const steps = stages.flatMap((stage) => stage.steps).filter(({ keyword }) => RECORDED.has(keyword));
  let layer = layers.length;
  let aligned = true;
  for (const { created_by: made = '', empty_layer: isEmpty } of history.toReversed()) {
    const step: DockerfileStep | undefined = aligned ? steps.pop() : undefined;
    aligned = step !== undefined && isMadeBy(made, step);
    if (isEmpty === true) continue;
    layer -= 1;
    const from = instruction(aligned && step !== undefined ? step : base, path);
    for (const name of layers[layer] ?? []) origins.set(name, from);
  }
  return origins;
}

/** For people: one line, cut. */
export function instruction({ keyword, text, line }: DockerfileStep, path: string): Instruction {
  const whole = `${keyword} ${squash(text)}`;
  return { path, line, text: whole.length <= LONGEST_TEXT ? whole : `${whole.slice(0, LONGEST_TEXT - 1)}…` };
}

function isMadeBy(made: string, { keyword, text }: DockerfileStep): boolean {
  if (keywordOf(made) !== keyword) return false;
  if (keyword !== 'RUN') return true;
  const command = squash(text.replace(/^(?:--\S+\s+)+/, ''));
  // A list of words and a heredoc are written in other ways.
  return command.startsWith('[') || command.includes('<<') || squash(made).includes(command);
}

/** As BuildKit writes an entry, `RUN /bin/sh -c make # buildkit`, or as builders before it, `/bin/sh -c #(nop)  CMD …`. */
function keywordOf(made: string): string | undefined {
  const before = /^\/bin\/sh -c #\(nop\)\s+(\w+)/.exec(made)?.[1];
  const word = before ?? /^([A-Z]+)\s/.exec(made)?.[1];
  if (word !== undefined && RECORDED.has(word)) return word;
  return /^(?:\|\d+ .*)?\/bin\/sh -c /.test(made) ? 'RUN' : undefined;
}

function squash(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
