import path from 'node:path';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Digest } from '@plimsoll/core/oci/digest';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { writeVerdictFiles } from '@plimsoll/testkit/evidence/verdict-files';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import type { World } from '@plimsoll/testkit/world/world';
import { type LatencyProxy, startLatencyProxy } from '../promote/latency-proxy.ts';

const LATENCY_MS = 40;

/** A local Sigstore, and a registry without the referrers API that is some way off. */
export class EvidenceScene {
  readonly world: World;
  readonly proxy: LatencyProxy;
  /** `acme/app` without the way to it, to prepare images. */
  readonly repository: Repository;

  private constructor(world: World, proxy: LatencyProxy, upstream: string) {
    this.world = world;
    this.proxy = proxy;
    const registries = new Registries({ credentials: noCredentials });
    this.repository = registries.repository({ registry: upstream, repository: 'acme/app' }, 'push');
  }

  /** @param world with `sigstore`, and the tools `registry` and `cosign` */
  static async start(world: World): Promise<EvidenceScene> {
    const upstream = await distributionOnPort(world.lifetime, world.tools.registry ?? '', { name: 'far' });
    return new EvidenceScene(world, await startLatencyProxy(upstream, LATENCY_MS), upstream);
  }

  /** `registry/repository`, the long way. */
  get image(): string {
    return `${this.proxy.host}/acme/app`;
  }

  at(digest: Digest): string {
    return `${this.image}@${digest}`;
  }

  push(seed: string): Promise<AttestedImage> {
    return pushAttestedImage(this.repository, seed);
  }

  /** Files of a scan that passed. Resolves with the path of the verdict. */
  verdictOf(built: AttestedImage): string {
    return writeVerdictFiles(path.join(this.world.directory, 'scan', built.digest.slice(7, 19)), built);
  }

  /** One run of an action. @throws Error when it fails: a failed run is not a fast one */
  async act(action: 'sign' | 'verify', inputs: Readonly<Record<string, string>>, env = {}): Promise<ActionRun> {
    const { trustedRoot } = this.world.sigstore;
    const run = await runAction({
      action,
      world: this.world,
      env,
      inputs: { 'trusted-root': trustedRoot, ...inputs },
    });
    if (run.exitCode === 0) return run;
    throw new Error(`${action} failed:\n${run.log}`);
  }

  sign(built: AttestedImage, verdict: string): Promise<ActionRun> {
    const { signingConfig } = this.world.sigstore;
    const inputs = { image: this.image, digest: built.digest, verdict, 'signing-config': signingConfig };
    return this.act('sign', inputs);
  }

  /** @param env beside the runner's own */
  verify(digest: Digest, env: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
    const { issuer } = this.world.sigstore;
    return this.act('verify', { image: this.at(digest), 'certificate-oidc-issuer': issuer }, env);
  }
}
