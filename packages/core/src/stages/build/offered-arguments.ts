import { declaredArguments } from '../dockerfile/arguments.ts';
import { dockerfileSteps } from '../dockerfile/steps.ts';

/** Build arguments that many Dockerfiles declare, and the label that holds the same thing. */
const OFFERED: Readonly<Record<string, string>> = {
  BUILD_DATE: 'org.opencontainers.image.created',
  VCS_REF: 'org.opencontainers.image.revision',
  VERSION: 'org.opencontainers.image.version',
};

/**
 * Values for those of `BUILD_DATE`, `VCS_REF` and `VERSION` that the Dockerfile declares with `ARG`. The others are not
 * passed, because BuildKit warns about arguments that nobody reads.
 * @param dockerfile the text of it
 */
export function offeredArguments(
  dockerfile: string,
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const declared = new Set(declaredArguments([...dockerfileSteps(dockerfile)]).map(({ name }) => name));
  const offered = Object.entries(OFFERED).flatMap(([name, label]) => {
    const value = labels[label];
    return value !== undefined && declared.has(name) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(offered);
}
