import path from 'node:path';
import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { run } from '../runtime/exec.ts';
import { environmentFor } from './environment.ts';
import { askedVariables } from './secret-variables.ts';
import type { ToolPorts } from './tool-ports.ts';

/** What a bake file says of one target, as buildx resolves it; the names are those of the bake file. */
export type BakeTarget = Readonly<Record<string, unknown>>;

export interface BakeRequest {
  /** Absolute. */
  readonly file: string;
  /** Targets and groups; `default` when there are none. */
  readonly targets: readonly string[];
  /** Where paths in the file start. */
  readonly directory: string;
}

const variables = v.array(v.object({ name: v.string() }));
const printed = v.object({ target: v.record(v.string(), v.record(v.string(), v.unknown())) });

/**
 * The targets that a bake file gives, with those that they are built on. Groups, matrices, inheritance and functions are
 * buildx's own business; variables of the job's environment count where the file declares them, as for `docker buildx bake`,
 * but for secrets: what a bake file reads goes to build arguments, and from there to logs and provenance.
 *
 * @throws PlimsollError `family-invalid` with what buildx says and for a variable that holds a secret, and what the
 *   toolbox throws
 */
export async function readBakeFile(
  { file, targets, directory }: BakeRequest,
  ports: ToolPorts,
): Promise<Readonly<Record<string, BakeTarget>>> {
  const { path: program } = await ports.toolbox.get('buildx');
  const name = path.relative(directory, file) || file;
  const bake = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const result = await (ports.run ?? run)(program, ['bake', '--file', file, ...args], {
      env: { ...environmentFor('buildx-bake', ports.env), ...env },
      cwd: directory,
      timeoutMs: 60_000,
      signal: ports.signal,
      acceptExitCodes: Array.from({ length: 128 }, (_none, code) => code),
    });
    if (result.exitCode === 0) return result.stdout;
    throw invalid(`${name}: ${lastError(result.stderr)}`);
  };
  const declared = parse(variables, await bake(['--list=type=variables,format=json'], {}), name);
  const { given, withheld } = askedVariables(
    declared.map((each) => each.name),
    ports,
  );
  // With its default in place of the value the file would give another image, and nobody would know.
  if (withheld.length > 0) throw secret(name, withheld);
  const text = await bake(['--print', ...targets], given);
  return parse(printed, text, name).target;
}

function parse<S extends v.GenericSchema>(schema: S, text: string, name: string): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new PlimsollError('tool-output-invalid', `What buildx says of ${name} cannot be understood`, {
      hint: 'Use the version of buildx that the catalog pins, or write the family as YAML.',
      cause,
    });
  }
}

/** Buildx shows the place with a caret, and says what is wrong in a line that begins with ERROR or error. */
function lastError(stderr: string): string {
  const line = stderr.split('\n').findLast((each) => /^error:/i.test(each.trim()));
  return (line ?? stderr.trim().split('\n').at(-1) ?? '')
    .trim()
    .replace(/^error:\s*/i, '')
    .slice(0, 500);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError('family-invalid', message, {
    hint: 'Run "docker buildx bake --print" in the same directory; it has to say what is to be built.',
  });
}

function secret(name: string, withheld: readonly string[]): PlimsollError {
  const [first = ''] = withheld;
  return new PlimsollError('family-invalid', `${name} declares ${withheld.join(', ')}, which holds a secret`, {
    hint: `Take ${first} out of the bake file, write "secret-envs: ${first}" in this step, and read it with RUN --mount=type=secret,id=${first}. If it is no secret, call it otherwise in the bake file and under "env:".`,
  });
}
