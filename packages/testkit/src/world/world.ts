import { ensureTools } from '../toolbox/ensure-tools.ts';
import type { ProgressSink } from '../toolbox/progress.ts';
import type { GoTool } from '../toolbox/recipes.ts';
import { Databases } from './databases/databases.ts';
import { Images } from './images.ts';
import { Lifetime } from './lifetime.ts';
import { PART_NEEDS, type Part, type Parts, startParts, withNeeds } from './parts.ts';
import { worldVariables } from './variables.ts';

const ALL_PARTS = Object.keys(PART_NEEDS) as Part[];

export interface WorldOptions {
  /** What is needed, and with it what that needs; everything unless given. */
  readonly parts?: readonly Part[];
  /** Programs beside those of the parts, such as `trivy`; they are in `tools` and known to steps. */
  readonly tools?: readonly GoTool[];
  /** Where the toolbox says what it compiles; standard error unless given. */
  readonly progress?: ProgressSink;
}

/** A loopback world. A part that was not asked for throws when it is touched. */
export interface World extends Parts, AsyncDisposable {
  /** Everything of it on disk; `log/` has what the daemons said. */
  readonly directory: string;
  /** What a step or a tool needs to find the world; nothing of this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Paths of programs. */
  readonly tools: Readonly<Partial<Record<GoTool, string>>>;
  /** `github.token`, which GHCR takes as a password too. */
  readonly token: string;
  readonly lifetime: Lifetime;
  /** The base image and the SBOM generator, in the hub. */
  readonly images: Images;
  /** Vulnerability databases made of a test's own advisories, in the hub and over HTTP. */
  readonly databases: Databases;
  /** Ends everything and removes the directory, as `await using` does. */
  close(): Promise<void>;
}

/**
 * Starts a world, its parts side by side. It ends when it is closed or when this process ends, in whatever way.
 * @throws Error when a part does not start; nothing of the others is left then
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const wanted = withNeeds(options.parts ?? ALL_PARTS);
  const needed = [...wanted].flatMap((part) => PART_NEEDS[part].tools);
  const names = [...new Set([...needed, ...(options.tools ?? [])])];
  const tools = await ensureTools(names, { progress: options.progress });
  const lifetime = new Lifetime();
  try {
    return worldOf(lifetime, tools, await startParts(lifetime, wanted, tools));
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}

function worldOf(lifetime: Lifetime, tools: Record<GoTool, string>, parts: Partial<Parts>): World {
  const take = <P extends Part>(part: P): Parts[P] => parts[part] ?? missing(part);
  const close = () => lifetime.close();
  return {
    directory: lifetime.directory,
    env: { ...worldVariables(parts, tools), ...lifetime.marker },
    tools,
    token: parts.github?.token ?? 'ghs_none',
    lifetime,
    images: new Images(() => take('hub').host),
    databases: new Databases(lifetime, () => take('hub').host),
    close,
    [Symbol.asyncDispose]: close,
    get github() {
      return take('github');
    },
    get sigstore() {
      return take('sigstore');
    },
    get ghcr() {
      return take('ghcr');
    },
    get quay() {
      return take('quay');
    },
    get hub() {
      return take('hub');
    },
    get buildkit() {
      return take('buildkit');
    },
  };
}

function missing(part: Part): never {
  throw new Error(`this world was started without "${part}"`);
}
