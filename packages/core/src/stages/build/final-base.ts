import { declaredArguments, filledIn } from '../dockerfile/arguments.ts';
import { type Dockerfile, parseDockerfile } from '../dockerfile/stages.ts';
import { globalArguments } from './global-arguments.ts';

/** What a Dockerfile is built with. */
export interface DockerfileUse {
  /** Stage that is built; the last one unless given. */
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** `os/architecture[/variant]`. */
  readonly platforms: readonly string[];
  /** Names of contexts: a stage that is called like one is replaced by it. */
  readonly contexts: readonly string[];
}

/**
 * What the image that is built begins with: the name after `FROM` of the stage that is built, followed through stages
 * that begin with other stages. What is only copied from is no base (image-spec, `org.opencontainers.image.base.name`).
 *
 * @param dockerfile the text of it
 * @returns the name as written, with arguments filled in; nothing where it cannot be told, or differs between platforms
 */
export function finalBase(dockerfile: string, use: DockerfileUse): string | undefined {
  const read = parseDockerfile(dockerfile);
  const [first, ...others] = use.platforms.map((platform) => baseOn(read, platform, use));
  return others.every((other) => other === first) ? first : undefined;
}

function baseOn({ before, stages }: Dockerfile, platform: string, use: DockerfileUse): string | undefined {
  const args = globalArguments(declaredArguments(before), use.buildArgs, platform);
  const named = (wanted: string, end: number) =>
    stages.slice(0, end).findLastIndex(({ name }) => name === wanted.toLowerCase());
  let at = use.target === undefined ? stages.length - 1 : named(use.target, stages.length);
  if (at === -1 && /^\d+$/.test(use.target ?? '')) at = Number(use.target);
  for (;;) {
    const { name, base } = stages[at] ?? {};
    if (name !== undefined && use.contexts.includes(name)) return name;
    const from = base === undefined ? undefined : filledIn(base, args);
    const below = from === undefined ? -1 : named(from, at);
    if (below === -1) return from;
    at = below;
  }
}
