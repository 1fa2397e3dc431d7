import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';

const execute = promisify(execFile);

/** Whom a consumer trusts, in cosign's own words. */
export interface Trust {
  readonly identity: string;
  readonly issuer: string;
  /** Path of the trusted root. */
  readonly trustedRoot: string;
}

export interface Login {
  readonly host: string;
  readonly username: string;
  readonly password: string;
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

  /** @param directory where the docker configuration with the logins is written */
  static async create(options: {
    tools: Readonly<Record<'cosign' | 'crane', string>>;
    directory: string;
    logins: readonly Login[];
    env: NodeJS.ProcessEnv;
  }): Promise<Consumer> {
    const auths = options.logins.map(({ host, username, password }) => [
      host,
      { auth: Buffer.from(`${username}:${password}`).toString('base64') },
    ]);
    await writeFile(path.join(options.directory, 'config.json'), JSON.stringify({ auths: Object.fromEntries(auths) }));
    return new Consumer(options.tools, { ...options.env, DOCKER_CONFIG: options.directory, HOME: options.directory });
  }

  /** `cosign verify` and, for each predicate, `cosign verify-attestation`; throws when one of them refuses. */
  async proveEvidence(image: string, trust: Trust, account: Account): Promise<void> {
    await this.#run('cosign', ['verify', ...trustArguments(trust), image]);
    account.proof('cosign', 'verify: signature accepted');
    for (const [name, type] of Object.entries(PREDICATES)) {
      await this.#run('cosign', ['verify-attestation', '--type', type, ...trustArguments(trust), image]);
      account.proof('cosign', `verify-attestation: ${name} accepted`);
    }
  }

  async digest(reference: string): Promise<string> {
    return (await this.#run('crane', ['digest', reference])).trim();
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
