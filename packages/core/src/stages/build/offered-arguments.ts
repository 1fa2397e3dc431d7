import { declaredArguments } from '../dockerfile/arguments.ts';
import { type DockerfileStep, dockerfileSteps } from '../dockerfile/steps.ts';

/** Build arguments that many Dockerfiles declare, and the label that holds the same thing. */
const OFFERED: Readonly<Record<string, string>> = {
  BUILD_DATE: 'org.opencontainers.image.created',
  VCS_REF: 'org.opencontainers.image.revision',
  VERSION: 'org.opencontainers.image.version',
};

/**
 * Values for those of `BUILD_DATE`, `VCS_REF` and `VERSION` that a stage of the Dockerfile declares with `ARG` and gives no
 * value. A default is its author's choice, and what is declared before the first stage chooses a base. The others are not
 * passed, because BuildKit warns about arguments that nobody reads.
 * @param dockerfile the text of it
 */
export function offeredArguments(
  dockerfile: string,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const declared = openArguments([...dockerfileSteps(dockerfile)]);
  const offered = Object.entries(OFFERED).flatMap(([name, label]) => {
    const value = labels[label];
    return value !== undefined && declared.has(name) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(offered);
}

/** An argument has one value wherever it is declared, so one place with a value of its own is enough to leave it alone. */
function openArguments(steps: readonly DockerfileStep[]): ReadonlySet<string> {
  const first = steps.findIndex(({ keyword }) => keyword === 'FROM');
  const inStages = first === -1 ? [] : declaredArguments(steps.slice(first));
  const valued = inStages.filter(({ value }) => value !== undefined);
  const taken = new Set([...declaredArguments(steps.slice(0, first)), ...valued].map(({ name }) => name));
  return new Set(inStages.map(({ name }) => name).filter((name) => !taken.has(name)));
}
