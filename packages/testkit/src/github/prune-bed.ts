import { type ActionRequest, type ActionRun, runAction } from '../runner/run-action.ts';
import { startWorld, type World } from '../world/world.ts';
import { fallbackTag, Shapes } from './image-shapes.ts';
import type { PackageState } from './package-state.ts';
import { PackagesEmulator } from './packages-emulator.ts';
import { type PackagesRegistry, servePackages } from './packages-registry.ts';

const DAY = 86_400_000;
const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  guards: { max-percent: 100 }
`;

/** A package whose versions were pushed ten days ago, on both planes of an emulated GitHub, and the action on it. */
export interface PruneBed extends AsyncDisposable {
  readonly world: World;
  readonly registry: PackagesRegistry;
  readonly state: PackageState;
  readonly shapes: Shapes;
  readonly prune: (
    inputs?: Record<string, string>,
    more?: Pick<ActionRequest, 'env' | 'cwd' | 'main'>,
  ) => Promise<ActionRun>;
  /** A kept release with a signature, a doomed image with one, and something nobody needs. */
  readonly fleet: () => { readonly kept: readonly string[]; readonly doomed: readonly string[] };
  /** Of these, what is still there. */
  readonly alive: (digests: readonly string[]) => readonly string[];
  /** Another policy file, or another file of the default branch. */
  readonly setFile: (content: string, file?: string) => void;
}

export async function startPruneBed(): Promise<PruneBed> {
  const world = await startWorld({ parts: ['github'] });
  const registry = await servePackages(world.lifetime, world.github.packages, { token: world.token });
  const setFile = (content: string, file = '.github/plimsoll.yml') => world.github.setFile('acme/app', file, content);
  setFile(POLICY);
  // Ten days ago, so that nothing is kept only because it is young.
  const state = new PackagesEmulator({ now: () => Date.now() - 10 * DAY }).package({ owner: 'acme', pkg: 'app' });
  world.github.packages.adopt({ owner: 'acme', pkg: 'app' }, state);
  const shapes = new Shapes(state);
  return {
    world,
    registry,
    state,
    shapes,
    setFile,
    prune: (inputs = {}, { env, ...more } = {}) => {
      const variables = { PLIMSOLL_GHCR_HOST: registry.host, ...env };
      const request = { action: 'prune', inputs: { package: 'acme/app', ...inputs }, world, env: variables };
      return runAction({ ...request, ...more });
    },
    fleet: () => fleetOf(shapes),
    alive: (digests) => digests.filter((digest) => state.live(digest) !== undefined),
    [Symbol.asyncDispose]: () => world.close(),
  };
}

function fleetOf(shapes: Shapes) {
  shapes.record();
  const release = shapes.multiPlatform('release', { tags: ['v1.0.0', 'latest'] });
  const signature = shapes.image('s1', { tags: [fallbackTag(release.index, '.sig')] });
  const old = shapes.multiPlatform('old', { tags: ['dev-1'] });
  const oldSignature = shapes.image('s2', { tags: [fallbackTag(old.index, '.sig')] });
  const orphan = shapes.image('orphan');
  return {
    kept: [release.index, ...release.children, signature],
    doomed: [old.index, ...old.children, oldSignature, orphan],
  };
}

/** The code of the failure that a run ended with. */
export function failureCode(run: ActionRun): string | undefined {
  return run.annotations.find((annotation) => annotation.level === 'error')?.title?.replace('Plimsoll ', '');
}
