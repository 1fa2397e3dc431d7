/** What a Dockerfile is built with. */
export interface DockerfileUse {
  /** Stage that is built; the last one unless given. */
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
}

interface Stage {
  /** What stands after `FROM`, with arguments filled in. */
  readonly from: string;
  readonly name: string | undefined;
}

/**
 * What the image that is built begins with: the name after `FROM` of the stage that is built, followed through stages
 * that begin with other stages. What is only copied from is no base (image-spec, `org.opencontainers.image.base.name`).
 *
 * @param dockerfile the text of it
 * @returns the name as written, or nothing where the stage cannot be told
 */
export function finalBase(dockerfile: string, { target, buildArgs }: DockerfileUse): string | undefined {
  const stages = stagesOf(dockerfile, buildArgs);
  let at = target === undefined ? stages.length - 1 : stageAt(stages, target, stages.length);
  for (;;) {
    const stage = stages[at];
    if (stage === undefined) return undefined;
    const below = stageAt(stages, stage.from, at);
    if (below === -1) return stage.from;
    at = below;
  }
}

/** A stage by its name, or by its number, among those before one. */
function stageAt(stages: readonly Stage[], wanted: string, before: number): number {
  const named = stages.slice(0, before).findLastIndex(({ name }) => name === wanted.toLowerCase());
  if (named !== -1) return named;
  return /^\d+$/.test(wanted) && Number(wanted) < before ? Number(wanted) : -1;
}

function stagesOf(dockerfile: string, given: Readonly<Record<string, string>>): readonly Stage[] {
  const args = new Map<string, string>();
  const stages: Stage[] = [];
  for (const line of instructions(dockerfile)) {
    const [, word = '', rest = ''] = /^\s*([a-z]+)\s+(.*)$/is.exec(line) ?? [];
    // Only arguments before the first stage count in FROM.
    if (/^arg$/i.test(word) && stages.length === 0) readArguments(rest, given, args);
    if (!/^from$/i.test(word)) continue;
    const [, from = '', , name] = /^(?:--\S+\s+)*(\S+)(\s+as\s+(\S+))?/i.exec(rest.trim()) ?? [];
    stages.push({ from: filled(from, args), name: name?.toLowerCase() });
  }
  return stages;
}

/** Lines without comments, with those that are continued put together. */
function instructions(dockerfile: string): readonly string[] {
  const lines = dockerfile.split(/\r?\n/).filter((line) => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replaceAll(/[\\`]\s*\n/g, ' ')
    .split('\n');
}

function readArguments(rest: string, given: Readonly<Record<string, string>>, args: Map<string, string>): void {
  for (const word of rest.trim().split(/\s+/)) {
    const [name = '', value] = word.split(/=(.*)/s);
    const known = given[name] ?? value?.replace(/^(["'])(.*)\1$/, '$2');
    if (known !== undefined) args.set(name, filled(known, args));
  }
}

/** `$NAME`, `${NAME}` and `${NAME:-default}`. */
function filled(text: string, args: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(?:\{\w+(?::-[^}]*)?\}|\w+)/g, (found) => {
    const [, name = '', fallback = ''] = /^\$\{?(\w+)(?::-([^}]*))?/.exec(found) ?? [];
    return args.get(name) || fallback;
  });
}
