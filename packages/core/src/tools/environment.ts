import type { ToolName } from './catalog.ts';

/** What a process may see of the job's environment: names, or beginnings of names that end in `*`. */
type AllowList = readonly string[];

/** Where temporary files go. Nothing else is needed by a program that neither dials nor starts others. */
const TEMPORARY: AllowList = ['TMPDIR', 'TMP', 'TEMP'];

const NETWORK: AllowList = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Credential helpers of docker are programs of other people, and each finds its account in its own variables. */
const CREDENTIAL_HELPER: AllowList = [
  ...TEMPORARY,
  ...NETWORK,
  'PATH',
  'HOME',
  'USER',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'DOCKER_CONFIG',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'GPG_TTY',
  'PASSWORD_STORE_DIR',
  'AWS_*',
  'AZURE_*',
  'CLOUDSDK_*',
  'GOOGLE_*',
];

/**
 * Buildx finds its builders through the docker configuration, starts credential helpers and git itself, and reaches
 * the cache service of the runner. Variables that switch attestations off are left out on purpose.
 */
const BUILDX: AllowList = [
  ...CREDENTIAL_HELPER,
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_TLS',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
  'DOCKER_API_VERSION',
  'BUILDX_CONFIG',
  'BUILDX_BUILDER',
  'BUILDKIT_*',
  'KUBECONFIG',
  'SSH_AUTH_SOCK',
  'ACTIONS_CACHE_URL',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_SERVICE_V2',
];

/** Tools that we install, and programs of the machine. */
type Program = ToolName | 'buildx-bake' | 'cosign-key' | 'docker-compose' | 'docker-credential' | 'git' | 'git-remote';

const ALLOWED: Readonly<Record<Program, AllowList>> = {
  buildx: BUILDX,
  // Reads files of the repository, which may read whatever it has; the variables that they name and that are no secrets are added.
  'buildx-bake': [...TEMPORARY, 'PATH', 'HOME', 'DOCKER_CONFIG', 'BUILDX_CONFIG'],
  // Cosign gets its token and its home from its wrapper, and never the runner's right to ask for more tokens.
  cosign: [...TEMPORARY, ...NETWORK],
  // Where a key signs and no token is given; the schemes of cosign's key services find their accounts here.
  'cosign-key': ['COSIGN_PASSWORD', 'AWS_*', 'AZURE_*', 'GOOGLE_*', 'CLOUDSDK_*', 'VAULT_*', 'TRANSIT_*'],
  // The same.
  'docker-compose': [...TEMPORARY, 'PATH', 'HOME', 'DOCKER_CONFIG', 'COMPOSE_*'],
  'docker-credential': CREDENTIAL_HELPER,
  // Only ever asked about commits that are there already.
  git: [...TEMPORARY, 'PATH'],
  // Asks a server; a repository over SSH is opened with the job's agent and the hosts that it knows.
  'git-remote': [...TEMPORARY, ...NETWORK, 'PATH', 'HOME', 'SSH_AUTH_SOCK'],
  // Scanners parse what strangers wrote, so they see nothing that is worth stealing.
  'osv-scanner': TEMPORARY,
  trivy: TEMPORARY,
};

/** The variables of `source` that a tool may see. */
export function environmentFor(tool: Program, source: NodeJS.ProcessEnv): Record<string, string> {
  const allowed = ALLOWED[tool];
  const may = (name: string) =>
    allowed.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
  return Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined && may(entry[0])),
  );
}
