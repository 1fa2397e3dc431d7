import { homedir } from 'node:os';
import path from 'node:path';
import { chainCredentials, type CredentialEntry, type Credentials, listCredentials } from '../oci/auth/credentials.ts';
import { dockerConfigCredentials } from '../oci/auth/docker-config.ts';
import { Registries } from '../oci/registry/registries.ts';
import type { Clock } from '../runtime/clock.ts';
import { createHttp, type Http, type HttpOptions } from '../runtime/http.ts';
import { runCredentialHelper } from '../tools/docker-credential.ts';
import { environmentFor } from '../tools/environment.ts';
import { createGitHubApi, type GitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';
import type { Environment } from './host.ts';
import type { Inputs } from './inputs.ts';
import { assertIdTokenAvailable, requestIdToken } from './oidc.ts';
import { type LoadedPolicy, loadLocalPolicy, loadPolicyFile } from './policy-file.ts';
import { githubCredentials, parseRegistryAuth } from './registry-auth.ts';
import type { Secrets } from './secrets.ts';
import { rememberTokens } from './token-memory.ts';

/** What an action may talk to, already given its credentials. Nothing is opened before it is asked for. */
export interface Services {
  readonly http: Http;
  /** @param token in place of the job's own; already masked */
  readonly api: (token?: string) => GitHubApi;
  /**
   * Registries with, in this order: `first`, the `registry-auth` input, the token for GHCR, docker's configuration.
   * @param first entries of one action's own inputs; they are masked here
   * @throws PlimsollError `credentials-invalid`
   */
  readonly registries: (first?: readonly CredentialEntry[]) => Registries;
  /** The one policy file; read once. @throws PlimsollError `policy-invalid`, `policy-unreadable` and others */
  policy(): Promise<LoadedPolicy>;
  /** To be asked before work that would be lost without a token. @throws PlimsollError `oidc-unavailable` */
  requireIdToken(): void;
  /** @throws PlimsollError `oidc-unavailable`, `oidc-failed` */
  readonly idToken: (audience: string) => Promise<string>;
}

export interface ServicesOptions {
  readonly inputs: Inputs;
  readonly github: GitHubContext;
  /** The whole environment, with the token endpoint in it. */
  readonly env: Environment;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createServices(options: ServicesOptions): Services {
  const { github, env, secrets, clock, signal } = options;
  const http = createHttp(proxyOptions(env));
  const apiWith = (token = github.token) => createGitHubApi({ apiUrl: github.apiUrl, token, http, clock, signal });
  const api = apiWith();
  let policy: Promise<LoadedPolicy> | undefined;
  return {
    http,
    api: (token) => (token === undefined ? api : apiWith(token)),
    registries: (first = []) =>
      new Registries({ credentials: credentialsFor(first, options), http, clock, signal, userAgent: 'plimsoll' }),
    policy: () => {
      policy ??= policyOf(options, api);
      return policy;
    },
    requireIdToken: () => assertIdTokenAvailable(env),
    idToken: rememberTokens(
      (audience) => requestIdToken(env, audience, { http, masker: secrets, clock, signal }),
      clock,
    ),
  };
}

async function policyOf({ inputs, github, env }: ServicesOptions, api: GitHubApi): Promise<LoadedPolicy> {
  const local = await loadLocalPolicy(env);
  return local ?? loadPolicyFile({ path: inputs.text('policy'), ref: inputs.text('policy-ref') }, { api, github });
}

function credentialsFor(first: readonly CredentialEntry[], options: ServicesOptions): Credentials {
  const { inputs, github, env, secrets } = options;
  for (const entry of first) secrets.maskCredential(entry);
  return chainCredentials(
    listCredentials(first),
    listCredentials(parseRegistryAuth(inputs.text('registry-auth'), secrets)),
    githubCredentials(github, env, secrets),
    dockerCredentials(options),
  );
}

function dockerCredentials({ env, signal }: ServicesOptions): Credentials {
  const helperEnv = environmentFor('docker-credential', { ...env });
  return dockerConfigCredentials({
    configDir: env['DOCKER_CONFIG'] || path.join(env['HOME'] || homedir(), '.docker'),
    runHelper: (name, address) => runCredentialHelper(name, address, { env: helperEnv, signal }),
  });
}

/** The conventional variables, lower case first as in curl. */
function proxyOptions(env: Environment): HttpOptions {
  const http = env['http_proxy'] || env['HTTP_PROXY'];
  const https = env['https_proxy'] || env['HTTPS_PROXY'];
  if (!http && !https) return {};
  const exceptFor = env['no_proxy'] || env['NO_PROXY'];
  return {
    proxy: { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(exceptFor ? { exceptFor } : {}) },
  };
}
