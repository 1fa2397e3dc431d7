import path from 'node:path';
import * as v from 'valibot';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { lastLines } from '../runtime/exec-failure.ts';
import { run, type RunResult } from '../runtime/exec.ts';
import { environmentFor } from './environment.ts';
import { askedVariables } from './secret-variables.ts';
import type { ToolPorts } from './tool-ports.ts';

/** A service as docker compose understands it, with every variable replaced. */
export interface ComposeService {
  readonly name: string;
  /** As it stands there; empty where a variable was. */
  readonly image: string | undefined;
  /** Where the service is built. */
  readonly build: ComposeBuild | undefined;
}

/** What a service is built of. */
export interface ComposeBuild {
  /** Absolute. */
  readonly context: string;
  /** Absolute; absent where the text of it stands in the compose file. */
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
}

export interface ComposeFile {
  readonly services: readonly ComposeService[];
  /** Variables that it names and that have no value. */
  readonly unset: readonly string[];
  /** Variables that it names and that hold secrets: where they stood now stands {@link WITHHELD}. */
  readonly withheld: readonly string[];
}

/** In place of a secret, so that a file that wants it to be set is still read to its end. */
export const WITHHELD = 'withheld-by-plimsoll';
/** What it includes from elsewhere could send variables there, and would not be the repository's. */
const NO_REMOTES = { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' } as const;

const Build = v.object({
  context: v.string(),
  dockerfile: v.optional(v.string(), 'Dockerfile'),
  dockerfile_inline: v.optional(v.string()),
  target: v.optional(v.string()),
});
const Services = v.record(v.string(), v.object({ image: v.optional(v.string()), build: v.nullish(Build) }));
const Config = v.object({ services: v.nullish(Services) });
const Variables = v.nullish(v.record(v.string(), v.unknown()));
const TIMEOUT_MS = 60_000;

type ComposePorts = Pick<ToolPorts, 'env' | 'signal' | 'run' | 'isSecret'>;
type Compose = (args: readonly string[], variables?: Readonly<Record<string, string>>) => Promise<RunResult>;

/**
 * Reads a compose file with docker compose itself: its own rules, its own way to replace variables.
 * Of the job's environment it sees what the file names, but for secrets. Nothing of what it prints is repeated but
 * names and why it refuses a file.
 *
 * @param file absolute
 * @throws PlimsollError `compose-invalid`, `tool-missing`, `tool-output-invalid`, `cancelled`
 */
export async function readCompose(file: string, ports: ComposePorts): Promise<ComposeFile> {
  const compose = await findCompose(ports);
  const config = ['--file', file, '--profile', '*', 'config', '--format', 'json'];
  const variables = Object.keys(parsed(Variables, await succeed(compose([...config, '--variables']), { file })) ?? {});
  const { given, withheld } = askedVariables(variables, ports);
  const hidden = Object.fromEntries(withheld.map((name) => [name, WITHHELD]));
  const result = await compose(config, { ...given, ...hidden });
  const named = { ...result, stderr: withNames(result.stderr, given) };
  const { services } = parsed(Config, await succeed(Promise.resolve(named), { file, withheld }));
  return {
    services: Object.entries(services ?? {}).map(([name, { image, build }]) => ({
      name,
      image,
      build: build ? buildOf(build) : undefined,
    })),
    unset: variables.filter((name) => new RegExp(`\\b${name}\\b[^\\n]*not set`).test(result.stderr)),
    withheld,
  };
}

/** Values that are long enough to be told from other text, by the names of their variables. */
function withNames(text: string, given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .filter(([, { length }]) => length > 3)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .reduce((masked, [name, value]) => masked.replaceAll(value, () => `$${name}`), text);
}

function buildOf({
  context,
  dockerfile,
  dockerfile_inline: inline,
  target,
}: v.InferOutput<typeof Build>): ComposeBuild {
  return { context, dockerfile: inline === undefined ? path.resolve(context, dockerfile) : undefined, target };
}

/** The plugin of the docker command, or the program of its own. */
async function findCompose(ports: ComposePorts): Promise<Compose> {
  const forms = [['docker', 'compose'], ['docker-compose']] as const;
  for (const [program, ...before] of forms) {
    const call: Compose = (args, variables = {}) => start([program, ...before, ...args], variables, ports);
    if (await answers(call)) return call;
  }
  throw new PlimsollError('tool-missing', 'There is no docker compose to read the compose file with', {
    hint: 'Install the compose plugin of docker (GitHub\'s runners have it), or leave out "compose-file". It needs no engine.',
  });
}

async function answers(call: Compose): Promise<boolean> {
  try {
    return (await call(['version'])).exitCode === 0;
  } catch (error) {
    if (isFailure(error, 'tool-missing')) return false;
    throw error;
  }
}

function start(
  [program = '', ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
  { env, signal, run: begin = run }: ComposePorts,
): Promise<RunResult> {
  return begin(program, args, {
    env: { ...variables, ...environmentFor('docker-compose', env), ...NO_REMOTES },
    signal,
    timeoutMs: TIMEOUT_MS,
    acceptExitCodes: Array.from({ length: 128 }, (_, code) => code),
  });
}

interface Asked {
  readonly file: string;
  readonly withheld?: readonly string[];
}

async function succeed(call: Promise<RunResult>, { file, withheld = [] }: Asked): Promise<string> {
  const { exitCode, stdout, stderr } = await call;
  if (exitCode === 0) return stdout;
  const reason = lastLines(stderr, 1)[0]?.slice(0, 600) ?? `exit code ${exitCode}`;
  throw new PlimsollError('compose-invalid', `docker compose refuses ${path.basename(file)}: ${reason}`, {
    hint: `Try "docker compose -f ${path.basename(file)} config", with the variables of this step.${secretsNote(withheld)}`,
    place: { file },
  });
}

/** For hints: which variables the file has not got, and why; empty when it has all. */
export function secretsNote(withheld: readonly string[]): string {
  if (withheld.length === 0) return '';
  return ` It does not get secrets, and so not ${withheld.join(', ')}; what is none should be called otherwise.`;
}

function parsed<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(text.trim() || 'null'));
  } catch {
    // The cause would quote what was printed.
    throw new PlimsollError('tool-output-invalid', 'docker compose answered something that cannot be understood', {
      hint: 'Use docker compose 2.24 or newer.',
    });
  }
}
