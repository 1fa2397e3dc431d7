import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Digest } from '@plimsoll/core/oci/digest';
import { predicatesBeside } from '@plimsoll/testkit/evidence/evidence-world';
import type { AttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { timeCommand } from '../harness.ts';
import type { EvidenceScene } from './scene.ts';

const TYPES = ['spdx', 'slsaprovenance1', 'vuln'] as const;

/** The peer: cosign as its documentation calls it, one command after another, each a process of its own. */
export class CosignCommands {
  readonly #scene: EvidenceScene;
  readonly #home: string;

  constructor(scene: EvidenceScene) {
    this.#scene = scene;
    this.#home = path.join(scene.world.directory, 'peer');
    mkdirSync(this.#home, { recursive: true });
  }

  /** `cosign sign` and three times `cosign attest` on the index and every platform. Milliseconds. */
  async signAll({ digest, platforms }: AttestedImage, verdict: string): Promise<number> {
    const predicates = this.#predicates(verdict);
    let sum = 0;
    for (const subject of [digest, ...platforms.map((each) => each.digest)]) {
      sum += await this.#run(['sign', '--yes', ...this.#services(), this.#scene.at(subject)]);
      for (const type of TYPES) {
        // As `spdx`, cosign signs the document as one text, which it then does not accept itself.
        const claim = ['--type', type === 'spdx' ? 'spdxjson' : type, '--predicate', predicates[type]];
        sum += await this.#run(['attest', '--yes', ...claim, ...this.#services(), this.#scene.at(subject)]);
      }
    }
    return sum;
  }

  /** `cosign verify` and three times `cosign verify-attestation` on one digest. Milliseconds. */
  async verifyAll(digest: Digest): Promise<number> {
    const { issuer, trustedRoot } = this.#scene.world.sigstore;
    const identity = ['--certificate-oidc-issuer', issuer, '--certificate-identity', DEFAULT_SUBJECT];
    const flags = [...identity, '--trusted-root', trustedRoot, this.#scene.at(digest)];
    let sum = await this.#run(['verify', ...flags]);
    for (const type of TYPES) sum += await this.#run(['verify-attestation', '--type', type, ...flags]);
    return sum;
  }

  #services(): readonly string[] {
    const { signingConfig, trustedRoot } = this.#scene.world.sigstore;
    return ['--signing-config', signingConfig, '--trusted-root', trustedRoot];
  }

  #run(args: readonly string[]): Promise<number> {
    const { tools, github } = this.#scene.world;
    const token = args.includes('--yes') ? { SIGSTORE_ID_TOKEN: github.oidc.token('sigstore') } : {};
    return timeCommand({ command: tools.cosign ?? 'cosign', args, env: { HOME: this.#home, ...token } });
  }

  /** Predicates of ordinary size; the scan's own for `vuln`. */
  #predicates(verdict: string): Record<(typeof TYPES)[number], string> {
    const spdx = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [] };
    const contents = {
      spdx: JSON.stringify(spdx),
      slsaprovenance1: JSON.stringify({
        buildDefinition: { buildType: 'a:b' },
        runDetails: { builder: { id: 'a:b' } },
      }),
      vuln: predicatesBeside(verdict)[0] ?? readFileSync(verdict),
    };
    const files = TYPES.map((type) => {
      const file = path.join(this.#home, `${type}.json`);
      writeFileSync(file, contents[type]);
      return [type, file] as const;
    });
    return Object.fromEntries(files) as Record<(typeof TYPES)[number], string>;
  }
}
