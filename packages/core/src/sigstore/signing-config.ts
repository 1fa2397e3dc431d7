import { isFailure, PlimsollError } from '../runtime/errors.ts';

/** One service of a signing configuration (sigstore protobuf-specs, Service). */
export interface SigningService {
  readonly url: string;
  readonly majorApiVersion?: number;
}

/** A `signing_config.json` (sigstore protobuf-specs, SigningConfig v0.2), of which only what is named here is looked at. */
export interface SigningConfig {
  readonly mediaType: string;
  readonly caUrls?: readonly SigningService[];
  readonly oidcUrls?: readonly SigningService[];
  readonly rekorTlogUrls?: readonly SigningService[];
  readonly tsaUrls?: readonly SigningService[];
}

export interface SigningMode {
  /** Whether signatures go to a transparency log. */
  readonly log: boolean;
  /** Whether a certificate is asked for, or a key signs. */
  readonly keyless: boolean;
  /** Whether the statement is too large for a log that keeps it whole. */
  readonly large?: boolean;
}

/**
 * Bytes. Rekor v1 is sent the whole statement, and the public one was seen to drop connections at a few megabytes
 * (sigstore/cosign#3599, sigstore/rekor#2915); Rekor v2 is sent a hash.
 */
const LARGEST_FOR_REKOR_1 = 1024 * 1024;

export function isLarge(bytes: number): boolean {
  return bytes > LARGEST_FOR_REKOR_1;
}

/** @throws PlimsollError `trust-root` when the file is no signing configuration of the form that cosign 3 reads */
export function parseSigningConfig(bytes: Buffer, source: string): SigningConfig {
  try {
    const config = JSON.parse(bytes.toString('utf8')) as SigningConfig;
    if (config.mediaType === 'application/vnd.dev.sigstore.signingconfig.v0.2+json') return config;
    throw unusable(`${source} is not a signing configuration of version 0.2`);
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw unusable(`The signing configuration ${source} cannot be read`, cause);
  }
}

/**
 * The services that one way of signing may talk to: what is not in it is not contacted. Pure.
 * @throws PlimsollError `log-missing`, `log-too-small`, `timestamp-missing`
 */
export function servicesFor(config: SigningConfig, { log, keyless, large = false }: SigningMode): SigningConfig {
  const { rekorTlogUrls = [], tsaUrls = [] } = config;
  if (log && rekorTlogUrls.length === 0) throw noLog();
  if (!log && tsaUrls.length === 0) throw noTime();
  const logs = large ? rekorTlogUrls.filter(({ majorApiVersion = 1 }) => majorApiVersion >= 2) : rekorTlogUrls;
  if (log && logs.length === 0) throw tooSmall();
  return {
    ...config,
    ...(log ? { rekorTlogUrls: logs } : { rekorTlogUrls: [], rekorTlogConfig: undefined }),
    ...(keyless ? {} : { caUrls: [], oidcUrls: [] }),
  };
}

function noLog(): PlimsollError {
  return new PlimsollError('log-missing', 'The signing configuration names no transparency log', {
    hint: 'Add one with "cosign signing-config create --rekor", or write "transparency-log: off" to sign with the timestamp authority only.',
  });
}

function tooSmall(): PlimsollError {
  return new PlimsollError(
    'log-too-small',
    'A statement is too large for the transparency log of the signing configuration',
    {
      hint: 'Add a Rekor of version 2 to the file ("--rekor url=…,api-version=2,…"), or write "transparency-log: off". Nothing was signed.',
    },
  );
}

function noTime(): PlimsollError {
  return new PlimsollError(
    'timestamp-missing',
    'Nothing would prove when this was signed: no log, and no timestamp authority',
    {
      hint: 'Add one with "cosign signing-config create --tsa", or write "transparency-log: on" to have it publicly logged.',
    },
  );
}

function unusable(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust-root', message, {
    hint: 'Leave "signing-config" empty for the public Sigstore, or give a file made by "cosign signing-config create".',
    cause,
  });
}
