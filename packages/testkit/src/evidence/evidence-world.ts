import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Digest } from '@plimsoll/core/oci/digest';
import { parseRepositoryName } from '@plimsoll/core/oci/reference';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { createHttp } from '@plimsoll/core/runtime/http';
import type { Statement } from '@plimsoll/core/sigstore/statement';
import type { VerifyReport } from '@plimsoll/core/stages/verify';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import type { GoTool } from '../toolbox/recipes.ts';
import { type Claims, DEFAULT_SUBJECT } from '../world/identity.ts';
import { startWorld, type World } from '../world/world.ts';
import type { AttestedImage } from './attested-image.ts';
import { hang, signAs } from './forge.ts';
import { writeVerdictFiles } from './verdict-files.ts';

const execute = promisify(execFile);

/** What a run of sign or verify may be given beside the defaults of {@link EvidenceWorld}. */
export interface StepOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A world with Sigstore and two registries, the actions that work on evidence, and a consumer with cosign. */
export class EvidenceWorld {
  readonly world: World;
  /** `acme/app` at GHCR, as `registry/repository`. */
  readonly image: string;
  /** The same repository, to push to. */
  readonly repository: Repository;

  private constructor(world: World) {
    this.world = world;
    this.image = `${world.ghcr.host}/acme/app`;
    this.repository = this.connect();
    this.#writeDockerConfig();
  }

  /** @param tools that the actions are to find beside cosign */
  static async start(tools: readonly GoTool[] = []): Promise<EvidenceWorld> {
    return new EvidenceWorld(await startWorld({ parts: ['sigstore', 'ghcr', 'quay'], tools: ['cosign', ...tools] }));
  }

  /** A repository at GHCR as a new client sees it, without what an earlier one remembers. */
  connect(image = this.image): Repository {
    const { host, username, token } = this.world.ghcr;
    const credentials = listCredentials([{ registry: host, username, password: token }]);
    return new Registries({ credentials }).repository(parseRepositoryName(image), 'push');
  }

  connectQuay(repository = 'acme/app'): Repository {
    const { host, username, password, caFile } = this.world.quay;
    const credentials = listCredentials([{ registry: host, username, password }]);
    const http = createHttp({ extraCa: readFileSync(caFile, 'utf8') });
    return new Registries({ credentials, http }).repository({ registry: host, repository }, 'push');
  }

  at(digest: Digest): string {
    return `${this.image}@${digest}`;
  }

  /** The sign action on an image that passed its scan. */
  sign(built: AttestedImage, { inputs = {}, env = {} }: StepOptions = {}): Promise<ActionRun> {
    const verdict = writeVerdictFiles(path.join(this.world.directory, 'scan', built.digest.slice(7, 19)), built);
    const { signingConfig, trustedRoot } = this.world.sigstore;
    const files = { verdict, 'signing-config': signingConfig, 'trusted-root': trustedRoot };
    const all = { image: this.image, digest: built.digest, ...files, ...inputs };
    return runAction({ action: 'sign', world: this.world, inputs: all, env });
  }

  verify(reference: string, inputs: Readonly<Record<string, string>> = {}, env = {}): Promise<ActionRun> {
    const { issuer, trustedRoot } = this.world.sigstore;
    const all = { image: reference, 'certificate-oidc-issuer': issuer, 'trusted-root': trustedRoot, ...inputs };
    return runAction({ action: 'verify', world: this.world, inputs: all, env });
  }

  /** Hangs a genuine bundle of this statement on an image, signed by whom the claims say. */
  async attest(on: Digest, statement: Omit<Statement, 'predicate'> & { predicate?: unknown }, claims: Claims = {}) {
    const bytes = await signAs(this.world, { predicate: {}, ...statement }, claims);
    await hang(this.repository, { on, predicateType: statement.predicateType, bytes });
  }

  /** The flags with which a consumer names the default signer. */
  trustFlags(): string {
    const { issuer, trustedRoot } = this.world.sigstore;
    return `--certificate-oidc-issuer ${issuer} --certificate-identity ${DEFAULT_SUBJECT} --trusted-root ${trustedRoot}`;
  }

  /** Runs a cosign command line as a consumer types it. Rejects when cosign refuses. */
  async consumer(command: string): Promise<string> {
    const [program, ...args] = command.split(' ');
    if (program !== 'cosign') throw new Error(`a consumer has only cosign, not ${program}`);
    const home = this.#consumerHome();
    const env = { HOME: home, DOCKER_CONFIG: home, SSL_CERT_FILE: this.world.quay.caFile };
    return (await execute(this.world.tools.cosign ?? '', args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  #consumerHome(): string {
    return path.join(this.world.directory, 'consumer');
  }

  #writeDockerConfig(): void {
    const { ghcr, quay } = this.world;
    const encode = (username: string, password: string) => Buffer.from(`${username}:${password}`).toString('base64');
    const auths = {
      [ghcr.host]: { auth: encode(ghcr.username, ghcr.token) },
      [quay.host]: { auth: encode(quay.username, quay.password) },
    };
    mkdirSync(this.#consumerHome(), { recursive: true });
    writeFileSync(path.join(this.#consumerHome(), 'config.json'), JSON.stringify({ auths }));
  }
}

/** The code of the step's failure; `undefined` when it succeeded. @throws Error when exit code and annotations disagree */
export function codeOf({ annotations, exitCode, log }: ActionRun): string | undefined {
  const code = annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
  if (exitCode !== (code === undefined ? 0 : 1)) throw new Error(`exit code ${exitCode}:\n${log}`);
  return code;
}

/** The JSON report of a verification. */
export function reportOf({ outputs }: ActionRun): VerifyReport {
  return JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as VerifyReport;
}

/** The predicates beside a verdict file. */
export function predicatesBeside(verdict: string): readonly Buffer[] {
  const names = readdirSync(path.dirname(verdict)).filter((name) => name.startsWith('vuln-'));
  return names.map((name) => readFileSync(path.join(path.dirname(verdict), name)));
}
