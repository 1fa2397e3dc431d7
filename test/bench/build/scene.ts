import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import type { World } from '@plimsoll/testkit/world/world';
import { type TimedCommand, timeCommand, timeWork } from '../harness.ts';
import { type LatencyProxy, startLatencyProxy } from '../promote/latency-proxy.ts';

/** Between this machine and the registry, for each request. */
export const LATENCY_MS = 40;
const PLATFORMS = 'linux/amd64,linux/arm64';
/** Of the commit, in seconds: what both give to BuildKit as SOURCE_DATE_EPOCH. */
const EPOCH = Date.parse('2026-11-20T10:00:00Z') / 1000;

/** A context of some 24 MB for two platforms on a real base image, a builder, and a registry that is some way off. */
export class BuildScene implements AsyncDisposable {
  readonly world: World;
  readonly proxy: LatencyProxy;
  readonly #workspace: string;
  readonly #generator: string;
  #runs = 0;

  private constructor(world: World, proxy: LatencyProxy, made: { workspace: string; generator: string }) {
    this.world = world;
    this.proxy = proxy;
    this.#workspace = made.workspace;
    this.#generator = made.generator;
  }

  /** @param world with `github`, `hub` and `buildkit`, and the tools `buildx` and `registry` */
  static async start(world: World): Promise<BuildScene> {
    const far = await distributionOnPort(world.lifetime, world.tools.registry ?? '', { name: 'far' });
    const [base, generator] = await Promise.all([world.images.base(), world.images.sbomGenerator()]);
    const workspace = writeWorkspace(world.lifetime.folder('workspace'), base);
    return new BuildScene(world, await startLatencyProxy(far, LATENCY_MS), { workspace, generator });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
  }

  /** Makes the next build begin with nothing. */
  async forgetEverything(): Promise<void> {
    await timeCommand(this.#buildx(['prune', '--all', '--force']));
  }

  /** The action, from its start to its end, into a repository that nobody has used. Resolves with milliseconds. */
  async action(): Promise<number> {
    const inputs = {
      image: `${this.proxy.host}/acme/ours-${(this.#runs += 1)}`,
      platforms: PLATFORMS,
      'sbom-generator': this.#generator,
      push: 'true',
    };
    const run = await runAction({ action: 'build', world: this.world, inputs, cwd: this.#workspace });
    if (run.exitCode !== 0) throw new Error(`the build failed:\n${run.log}`);
    rmSync(path.dirname(run.outputs['layout'] ?? ''), { recursive: true, force: true });
    return run.milliseconds;
  }

  /** The commands of buildx that do the same, one after the other. Resolves with milliseconds. */
  async commands(): Promise<number> {
    const directory = this.world.lifetime.folder('raw', String((this.#runs += 1)));
    const [layout, metadata] = [path.join(directory, 'layout'), path.join(directory, 'metadata.json')];
    const tag = `${this.proxy.host}/acme/raw-${this.#runs}:sha-${DEFAULT_IDENTITY.sha}`;
    const elapsed = await timeWork(async () => {
      await timeCommand(this.#rawBuild({ layout, metadata, tag }));
      const { 'containerimage.digest': digest } = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, string>;
      await timeCommand(this.#buildx(['imagetools', 'create', '-t', tag, `oci-layout://${layout}@${digest}`]));
    });
    rmSync(directory, { recursive: true, force: true });
    return elapsed;
  }

  #rawBuild({ layout, metadata, tag }: { layout: string; metadata: string; tag: string }): TimedCommand {
    const output = `type=oci,tar=false,dest=${layout},name=${tag},rewrite-timestamp=true`;
    const attested = ['--provenance=mode=max,version=v1', `--sbom=generator=${this.#generator}`];
    const options = ['--platform', PLATFORMS, ...attested, '--output', output, '--metadata-file', metadata];
    const command = this.#buildx(['build', ...options, '--progress=plain', '.']);
    return { ...command, env: { ...command.env, SOURCE_DATE_EPOCH: String(EPOCH) } };
  }

  #buildx(args: readonly string[]): TimedCommand {
    const { env, tools, directory } = this.world;
    const own = { PATH: process.env['PATH'] ?? '', HOME: directory };
    return { command: tools.buildx ?? '', args, env: { ...env, ...own }, cwd: this.#workspace };
  }
}

/** A program of two stages, with what no compression makes smaller in its layers. */
function writeWorkspace(directory: string, base: string): string {
  mkdirSync(path.join(directory, 'src'), { recursive: true });
  for (const name of ['one', 'two', 'three']) {
    writeFileSync(path.join(directory, 'src', name), randomBytes(8 * 1024 * 1024));
  }
  const dockerfile = [
    `FROM --platform=$BUILDPLATFORM ${base} AS make`,
    'COPY src /src',
    'RUN mkdir /out && cat /src/one /src/two > /out/program',
    `FROM ${base}`,
    'COPY --from=make /out/program /app/program',
    'COPY src/three /app/data',
    'ENTRYPOINT ["/app/program"]',
  ];
  writeFileSync(path.join(directory, 'Dockerfile'), `${dockerfile.join('\n')}\n`);
  return directory;
}
