/** What a stream of a program has to hold. */
export interface OutputRule {
  /** Texts that must occur in it. */
  readonly contains: readonly string[];
  /** Expressions of which each must match; `^` and `$` are the ends of a line. */
  readonly matches: readonly RegExp[];
}

/** One start of an image, and what has to come of it. */
export interface SmokeTest {
  /** As people know it. */
  readonly name: string;
  /** Program and arguments that are started in place of ENTRYPOINT and CMD. */
  readonly run?: readonly string[];
  /** Arguments in place of CMD. */
  readonly args?: readonly string[];
  /** Any of them is well. */
  readonly exitCodes: readonly number[];
  readonly stdout: OutputRule;
  readonly stderr: OutputRule;
  /** `os/architecture[/variant]`; all of the image when empty. */
  readonly platforms: readonly string[];
  readonly timeoutMs: number;
}

/** How a program that was started ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an image starts by itself; members of its configuration (image specification, config.md). */
export interface Launch {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/** The argument list that `docker run image args` would start; empty where the image names no program. */
export function argvOf({ run, args }: Pick<SmokeTest, 'run' | 'args'>, { entrypoint, cmd }: Launch): readonly string[] {
  return run === undefined ? [...entrypoint, ...(args ?? cmd)] : run;
}

/** What was expected and did not come; empty when all did. */
export function shortcomings(test: SmokeTest, { exitCode, stdout, stderr }: Ended): readonly string[] {
  const wanted = test.exitCodes.join(' or ');
  return [
    ...(test.exitCodes.includes(exitCode) ? [] : [`it ended with exit code ${exitCode}, not ${wanted}`]),
    ...missing('stdout', test.stdout, stdout),
    ...missing('stderr', test.stderr, stderr),
  ];
}

function missing(stream: string, { contains, matches }: OutputRule, text: string): readonly string[] {
  return [
    ...contains
      .filter((part) => !text.includes(part))
      .map((part) => `${stream} does not contain ${JSON.stringify(part)}`),
    ...matches.filter((pattern) => !pattern.test(text)).map((pattern) => `${stream} does not match ${String(pattern)}`),
  ];
}
