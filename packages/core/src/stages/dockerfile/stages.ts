import { type DockerfileStep, dockerfileSteps } from './steps.ts';

/** A `FROM` and what follows it. */
export interface DockerfileStage {
  readonly from: DockerfileStep;
  /** As it is written, arguments and all. */
  readonly base: string;
  /** In small letters, as BuildKit compares them. */
  readonly name?: string;
  readonly steps: readonly DockerfileStep[];
}

export interface Dockerfile {
  /** What stands before the first stage: arguments for `FROM`. */
  readonly before: readonly DockerfileStep[];
  readonly stages: readonly DockerfileStage[];
}

/** The stages of a Dockerfile, with the line of each instruction (docs.docker.com/reference/dockerfile). */
export function parseDockerfile(text: string): Dockerfile {
  const before: DockerfileStep[] = [];
  const stages: { from: DockerfileStep; base: string; name?: string; steps: DockerfileStep[] }[] = [];
  for (const step of dockerfileSteps(text)) {
    if (step.keyword === 'FROM') stages.push(stageOf(step));
    else (stages.at(-1)?.steps ?? before).push(step);
  }
  return { before, stages };
}

/**
 * The stage that is built and those of the same file that it stands on, the bottom first.
 *
 * @param target its name or number; the last one unless given
 */
export function stagesBelow(stages: readonly DockerfileStage[], target?: string): readonly DockerfileStage[] {
  const wanted = target?.toLowerCase();
  const named = stages.findIndex(({ name }, at) => name === wanted || String(at) === wanted);
  const top = wanted === undefined ? stages.length - 1 : named;
  const stage = stages[top];
  if (stage === undefined) return [];
  const base = stage.base.toLowerCase();
  const below = stages.slice(0, top).findLastIndex(({ name }) => name === base);
  return below === -1 ? [stage] : [...stagesBelow(stages.slice(0, below + 1)), stage];
}

function stageOf(from: DockerfileStep) {
  const [base = '', as, name] = from.text.replace(/^(?:--\S+\s+)+/, '').split(/\s+/);
  const named = as?.toLowerCase() === 'as' && name !== undefined ? { name: name.toLowerCase() } : {};
  return { from, base, ...named, steps: [] };
}
