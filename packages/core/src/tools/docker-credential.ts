import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { type Run, run } from '../runtime/exec.ts';

/** What a credential helper knows about a registry. */
export interface HelperCredential {
  readonly username: string;
  readonly password: string;
}

export interface HelperOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

const TIMEOUT_MS = 30_000;
/** The name becomes part of a program name, so it must not be a path. */
const HELPER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** What every helper writes when it has nothing, by the docker-credential-helpers protocol. */
const NOT_FOUND = /credentials not found in native keychain/i;

/**
 * Asks `docker-credential-<name>` for the credentials of a registry (docker-credential-helpers protocol, `get`).
 *
 * @returns `undefined` when the helper has none; a `<token>` username means the password is an identity token
 * @throws PlimsollError `credentials-invalid`
 */
export async function runCredentialHelper(
  name: string,
  host: string,
  options: HelperOptions,
): Promise<HelperCredential | undefined> {
  if (!HELPER_NAME.test(name)) throw unusable(`"${name.slice(0, 100)}" is not the name of a credential helper`);
  const program = `docker-credential-${name}`;
  const { exitCode, stdout } = await (options.run ?? run)(program, ['get'], {
    env: options.env,
    input: host,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    acceptExitCodes: [0, 1],
    captureLimit: 256 * 1024,
  }).catch((cause: unknown) => explain(program, host, cause));
  if (exitCode === 0) return parse(program, stdout);
  if (NOT_FOUND.test(stdout)) return undefined;
  // A failing helper may have written a secret before it failed, so nothing of its output is repeated.
  throw unusable(`${program} failed for ${host}`);
}

function parse(program: string, stdout: string): HelperCredential {
  let answer: { Username?: unknown; Secret?: unknown };
  try {
    answer = JSON.parse(stdout) as typeof answer;
  } catch {
    throw unusable(`${program} did not answer with JSON`);
  }
  if (typeof answer?.Username !== 'string' || typeof answer.Secret !== 'string') {
    throw unusable(`${program} answered without Username and Secret`);
  }
  return { username: answer.Username, password: answer.Secret };
}

function explain(program: string, host: string, cause: unknown): never {
  if (isFailure(cause, 'cancelled')) throw cause;
  // A failure of any other kind repeats output, which may be the secret itself.
  throw unusable(
    `${program} could not be asked about ${host}`,
    isFailure(cause, 'tool-missing', 'tool-timeout') ? cause : undefined,
  );
}

function unusable(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('credentials-invalid', message, {
    hint: 'Install the helper that the docker config names, log in again, or give the registry-auth input instead.',
    cause,
  });
}
