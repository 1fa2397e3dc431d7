import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { PlimsollError } from '../../runtime/errors.ts';
import { type Credential, type Credentials, credentialHost, IDENTITY_TOKEN_USER } from './credentials.ts';

/**
 * Asks `docker-credential-<name> get` about a server address; `undefined` when the helper has none.
 *
 * @throws PlimsollError `credentials-invalid`, `tool-missing` when the helper is not installed
 */
export type RunCredentialHelper = (name: string, serverAddress: string) => Promise<Credential | undefined>;

export interface DockerConfigOptions {
  /** The directory that holds `config.json`: `DOCKER_CONFIG`, else `~/.docker`. */
  readonly configDir: string;
  readonly runHelper: RunCredentialHelper;
}

const AuthEntry = v.looseObject({
  auth: v.optional(v.string()),
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  identitytoken: v.optional(v.string()),
});

const DockerConfig = v.looseObject({
  auths: v.nullish(v.record(v.string(), AuthEntry)),
  credHelpers: v.nullish(v.record(v.string(), v.string())),
  credsStore: v.optional(v.string()),
});

type Config = v.InferOutput<typeof DockerConfig>;

/** Docker Hub is known to helpers by the address of its first, long gone, index. */
const HUB_ADDRESS = 'https://index.docker.io/v1/';

/**
 * The credentials that `docker login` left behind. The file is read when first needed; a host's own
 * helper comes before its entry in `auths`, and that before the common store, as in the docker command line.
 */
export function dockerConfigCredentials(options: DockerConfigOptions): Credentials {
  let config: Promise<Config> | undefined;
  return {
    async forHost(host) {
      config ??= readConfig(options.configDir);
      return find(await config, host, options.runHelper);
    },
  };
}

async function find(config: Config, host: string, runHelper: RunCredentialHelper): Promise<Credential | undefined> {
  const wanted = credentialHost(host);
  const address = wanted === 'docker.io' ? HUB_ADDRESS : wanted;
  const helper = entryFor(config.credHelpers, wanted);
  if (helper !== undefined) return runHelper(helper, address);
  const entry = entryFor(config.auths, wanted);
  const stored = entry === undefined ? undefined : credentialOf(entry, host);
  if (stored !== undefined || config.credsStore === undefined) return stored;
  return runHelper(config.credsStore, address);
}

function entryFor<T>(table: Readonly<Record<string, T>> | null | undefined, host: string): T | undefined {
  return Object.entries(table ?? {}).find(([key]) => credentialHost(key) === host)?.[1];
}

/** An empty entry is what `docker login` leaves when the secret is in a store. */
function credentialOf(entry: v.InferOutput<typeof AuthEntry>, host: string): Credential | undefined {
  if (entry.identitytoken) return { username: IDENTITY_TOKEN_USER, password: entry.identitytoken };
  if (entry.username && entry.password) return { username: entry.username, password: entry.password };
  if (!entry.auth) return undefined;
  const text = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  throw invalid(`the "auth" entry for ${host} is not base64 of user:password`);
}

async function readConfig(directory: string): Promise<Config> {
  const file = path.join(directory, 'config.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {};
    throw invalid(`${file} cannot be read`, error);
  }
  return parseConfig(file, text);
}

function parseConfig(file: string, text: string): Config {
  if (text.trim() === '') return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Not given as the cause: the parser quotes the text, and the text holds secrets.
    throw invalid(`${file} is not JSON`);
  }
  const parsed = v.safeParse(DockerConfig, json);
  if (parsed.success) return parsed.output;
  throw invalid(`${file} has an entry of the wrong form at ${v.getDotPath(parsed.issues[0]) ?? 'its root'}`);
}

function invalid(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('credentials-invalid', `Docker configuration: ${what}`, {
    hint: 'Run docker login again, or give the credentials in the input registry-auth.',
    cause,
  });
}
