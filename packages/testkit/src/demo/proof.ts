import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { World } from '../world/world.ts';

const execute = promisify(execFile);

/** Whom a consumer trusts, in cosign's own words. */
export interface Trust {
  readonly identity: string;
  readonly issuer: string;
  /** Path of the trusted root. */
  readonly trustedRoot: string;
}

/** The predicate types that every image must carry, as `cosign verify-attestation --type` takes them. */
const PREDICATES = {
  'SPDX SBOM': 'https://spdx.dev/Document',
  'SLSA provenance': 'https://slsa.dev/provenance/v1',
  'vulnerability result': 'https://cosign.sigstore.dev/attestation/vuln/v1',
} as const;

/** Checks what Plimsoll did with tools that know nothing of it. */
export class Consumer {
  readonly #tools: Readonly<Record<'cosign' | 'crane', string>>;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(tools: Readonly<Record<'cosign' | 'crane', string>>, env: NodeJS.ProcessEnv) {
    this.#tools = tools;
    this.#env = env;
  }

  /** Somebody with the logins of the world's registries in a docker configuration, and nothing else. */
  static async of({ ghcr, quay, tools, token, lifetime }: World): Promise<Consumer> {
    const directory = lifetime.folder('consumer');
    const logins = [
      [ghcr.host, `octo:${token}`],
      [quay.host, `${quay.username}:${quay.password}`],
    ] as const;
    const auths = logins.map(([host, login]) => [host, { auth: Buffer.from(login).toString('base64') }] as const);
    await writeFile(path.join(directory, 'config.json'), JSON.stringify({ auths: Object.fromEntries(auths) }));
    const env = { PATH: process.env['PATH'], HOME: directory, DOCKER_CONFIG: directory, SSL_CERT_FILE: quay.caFile };
    return new Consumer({ cosign: tools.cosign ?? 'cosign', crane: tools.crane ?? 'crane' }, env);
  }

  /** Directory of its docker configuration. */
  get dockerConfig(): string {
    return this.#env['DOCKER_CONFIG'] ?? '';
  }

  /** `cosign verify` and, for each predicate, `cosign verify-attestation`; throws when one of them refuses. */
  async checkEvidence(image: string, trust: Trust, accepted: (what: string) => void = () => {}): Promise<void> {
    await this.#run('cosign', ['verify', ...trustArguments(trust), image]);
    accepted('verify: signature accepted');
    for (const [name, type] of Object.entries(PREDICATES)) {
      await this.#run('cosign', ['verify-attestation', '--type', type, ...trustArguments(trust), image]);
      accepted(`verify-attestation: ${name} accepted`);
    }
  }

  /** The same of an artifact that is no image, of which there is no vulnerability result. */
  async checkArtifact(artifact: string, trust: Trust): Promise<void> {
    await this.#run('cosign', ['verify', ...trustArguments(trust), artifact]);
    for (const type of [PREDICATES['SPDX SBOM'], PREDICATES['SLSA provenance']])
      await this.#run('cosign', ['verify-attestation', '--type', type, ...trustArguments(trust), artifact]);
  }

  /** The names in the SBOM that cosign accepts. */
  async packages(image: string, trust: Trust): Promise<readonly string[]> {
    const type = PREDICATES['SPDX SBOM'];
    const said = await this.#run('cosign', ['verify-attestation', '--type', type, ...trustArguments(trust), image]);
    const [line = '{}'] = said.split('\n').filter((each) => each.startsWith('{'));
    const { payload = '' } = JSON.parse(line) as { payload?: string };
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
      predicate: { packages: readonly { name: string }[] };
    };
    return predicate.packages.map(({ name }) => name);
  }

  async digest(reference: string): Promise<string> {
    return (await this.#run('crane', ['digest', reference])).trim();
  }

  /** False only when the registry says that there is no such thing. */
  async exists(reference: string): Promise<boolean> {
    return this.digest(reference).then(
      () => true,
      (error: unknown) => {
        if (/MANIFEST_UNKNOWN|NAME_UNKNOWN|404/.test(String(error))) return false;
        throw error;
      },
    );
  }

  /** The tags of a repository; none when the registry has never heard of it. */
  async tags(repository: string): Promise<readonly string[]> {
    const listed = await this.#run('crane', ['ls', repository]).catch((error: unknown) => {
      if (/NAME_UNKNOWN|MANIFEST_UNKNOWN/.test(String(error))) return '';
      throw error;
    });
    return listed.split('\n').filter((line) => line !== '');
  }

  async #run(tool: 'cosign' | 'crane', args: readonly string[]): Promise<string> {
    const { stdout } = await execute(this.#tools[tool], args, { env: this.#env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }
}

function trustArguments({ identity, issuer, trustedRoot }: Trust): string[] {
  const signer = ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer];
  return [...signer, '--trusted-root', trustedRoot];
}
