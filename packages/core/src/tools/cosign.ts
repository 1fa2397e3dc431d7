import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ErrorCode } from '../runtime/error-codes.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { run } from '../runtime/exec.ts';
import { keyEnvironment, keyFlag } from './cosign-key.ts';
import { environmentFor } from './environment.ts';
import type { ToolPorts } from './tool-ports.ts';

export interface Attestation extends ToolPorts {
  /** An in-toto statement, signed byte for byte. */
  readonly statement: Buffer;
  /** True to sign the bytes as they are, whatever they say, without an envelope around them. */
  readonly bare?: boolean;
  /** An OpenID Connect token for the audience `sigstore`; in its place a `key`. */
  readonly identityToken?: string | undefined;
  /** Path or URI of a private key, such as `cosign.key`, `env://NAME` or `awskms://…`. */
  readonly key?: string | undefined;
  /** File with the service addresses; the public good instance's, fetched by cosign, unless given. */
  readonly signingConfig?: string | undefined;
  /** File by which cosign checks its own result at once. */
  readonly trustedRoot?: string | undefined;
}

const TIMEOUT_MS = 4 * 60_000;

/**
 * Signs a statement keyless and returns the Sigstore bundle (version 0.3, JSON) with certificate, log entry and
 * timestamp. Cosign never sees a registry, and the token never stands in an argument list.
 *
 * @throws PlimsollError `sign-failed`, `oidc-failed`, `trust-root`, `tool-timeout`, `cancelled`
 */
export async function attestStatement(attestation: Attestation): Promise<Buffer> {
  refuseUnusable(attestation);
  return withHome(attestation, async (home) => {
    const statement = path.join(home, 'statement.json');
    const bundle = path.join(home, 'bundle.sigstore.json');
    await writeFile(statement, attestation.statement, { mode: 0o600 });
    const services = [
      ...flag('--signing-config', attestation.signingConfig),
      ...flag('--trusted-root', attestation.trustedRoot),
    ];
    const { key, identityToken = '', bare = false } = attestation;
    const verb = bare ? ['sign-blob', statement] : ['attest-blob', '--statement', statement];
    const args = [...verb, '--yes', '--bundle', bundle, ...services];
    const signer = key === undefined ? { SIGSTORE_ID_TOKEN: identityToken } : keyEnvironment(key, attestation.env);
    await cosign(attestation, [...args, ...keyFlag(key)], { ...signer, HOME: home });
    return readFile(bundle);
  });
}

/**
 * Writes the trusted root of the public good instance to a file, from its TUF repository.
 *
 * @throws PlimsollError `trust-root`, `tool-timeout`, `cancelled`
 */
export function writePublicTrustedRoot(file: string, ports: ToolPorts): Promise<void> {
  return withHome(ports, (home) =>
    cosign(ports, ['trusted-root', 'create', '--with-default-services', '--out', path.resolve(file)], { HOME: home }),
  );
}

/**
 * Writes the service addresses of the public good instance to a file, from its TUF repository. Throws as above.
 * @param log version of its transparency log
 */
export function writePublicSigningConfig(file: string, log: 1 | 2, ports: ToolPorts): Promise<void> {
  const services = log === 2 ? '--with-default-rekor-v2' : '--with-default-services';
  return withHome(ports, (home) =>
    cosign(ports, ['signing-config', 'create', services, '--out', path.resolve(file)], { HOME: home }),
  );
}

async function cosign(ports: ToolPorts, args: readonly string[], own: Record<string, string>): Promise<void> {
  const { path: program } = await ports.toolbox.get('cosign');
  await (ports.run ?? run)(program, args, {
    env: { ...environmentFor('cosign', ports.env), ...own },
    timeoutMs: TIMEOUT_MS,
    signal: ports.signal,
    onLine: (line) => ports.log.debug(`cosign: ${line}`),
  }).catch((error: unknown) => {
    throw isFailure(error, 'tool-failed') ? explain(error, args[0] ?? '') : error;
  });
}

/** One for each process: those that share one race on the TUF cache. */
async function withHome<T>(ports: ToolPorts, body: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(path.join(ports.tempDir, 'plimsoll-cosign-'));
  try {
    return await body(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What cosign itself would not refuse: without a token it waits for a browser, and it signs about nothing at all. */
function refuseUnusable({ identityToken = '', key, statement, bare = false }: Attestation): void {
  if (key === undefined && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(identityToken)) {
    throw new PlimsollError('oidc-failed', 'The identity token is not a JSON Web Token', {
      hint: 'Give the job `permissions: id-token: write`; the token must be asked for with the audience sigstore.',
    });
  }
  if (bare || hasSubjects(statement)) return;
  throw new PlimsollError('sign-failed', 'The statement to sign has no subject with a digest', {
    hint: 'This is a defect of the caller, not of the image: report it with the name of the attestation.',
  });
}

function hasSubjects(statement: Buffer): boolean {
  const { subject } = JSON.parse(statement.toString('utf8')) as { subject?: readonly { digest?: object }[] };
  if (!Array.isArray(subject) || subject.length === 0) return false;
  return subject.every((each) => Object.keys((each as { digest?: object }).digest ?? {}).length > 0);
}

interface Explanation {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
}

/** Cosign's own words, seen with 3.1.3, and what a person can do about each. The first match counts. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /from TUF|tuf refresh|TUF remote|TUF client|trusted root/i,
    code: 'trust-root',
    hint: 'Allow the runner to reach tuf-repo-cdn.sigstore.dev, or give the `trusted-root` and `signing-config` files.',
  },
  {
    pattern: /identity token|ID token|device flow|found in claims|token is expired/i,
    code: 'oidc-failed',
    hint: 'Give the job `permissions: id-token: write`, and check that the signing configuration trusts this issuer.',
  },
  {
    pattern: /signingCert|fulcio/i,
    code: 'sign-failed',
    hint: 'Fulcio gave no certificate. Run the job again; nothing was signed or logged.',
  },
  {
    pattern: /rekor|log\/entries/i,
    code: 'sign-failed',
    hint: 'The transparency log took no entry. Run the job again; nothing was attached to the image.',
  },
  {
    pattern: /timestamp/i,
    code: 'sign-failed',
    hint: 'The timestamp authority did not answer. Run the job again; nothing was attached to the image.',
  },
];

/** What cosign was asked to do, by its first argument. */
const VERBS: Readonly<Record<string, string>> = {
  'attest-blob': 'sign',
  'sign-blob': 'sign',
  'public-key': 'read the key',
  'trusted-root': 'fetch the trusted root',
  'signing-config': 'fetch the signing configuration',
};

/** What failed is the key, whatever cosign says of it. */
const KEY_PROBLEM: Explanation = {
  pattern: /^/,
  code: 'key-unusable',
  hint: 'Check "key", COSIGN_PASSWORD and the credentials of the key service. Another PEM key is imported with "cosign import-key-pair".',
};

function explain(error: PlimsollError, command: string): PlimsollError {
  const lines = error.cause instanceof Error ? error.cause.message : error.message;
  const known = command === 'public-key' ? KEY_PROBLEM : EXPLANATIONS.find(({ pattern }) => pattern.test(lines));
  const reason = /^Error: (.*)$/m.exec(lines)?.[1] ?? error.message;
  return new PlimsollError(
    known?.code ?? 'sign-failed',
    `cosign could not ${VERBS[command] ?? 'do its work'}: ${reason.slice(0, 500)}`,
    {
      hint: known?.hint ?? 'Read the lines of cosign in the log; run the job again with debug logging to see them.',
      cause: error.cause ?? error,
    },
  );
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, path.resolve(value)];
}

/**
 * The public half of a private key, in PEM form.
 * @param key path or URI
 * @throws PlimsollError `key-unusable`, `tool-timeout`, `cancelled`
 */
export async function readPublicKey(key: string, ports: ToolPorts): Promise<string> {
  return withHome(ports, async (home) => {
    const file = path.join(home, 'cosign.pub');
    const args = ['public-key', ...keyFlag(key), '--outfile', file];
    await cosign(ports, args, { ...keyEnvironment(key, ports.env), HOME: home });
    return readFile(file, 'utf8');
  });
}
