import type { Ephemera } from '@plimsoll/core/policy/ephemera';
import { resolveRetention } from '@plimsoll/core/policy/retention';
import { type RetentionSection, retentionSection } from '@plimsoll/core/policy/retention-section';
import type { Clock } from '@plimsoll/core/runtime/clock';
import { silentLog } from '@plimsoll/core/runtime/log';
import { type Applied, applyDeletions } from '@plimsoll/core/stages/prune/apply';
import type { Inventory } from '@plimsoll/core/stages/prune/inventory';
import type { Journal } from '@plimsoll/core/stages/prune/journal';
import { noJournal } from '@plimsoll/core/stages/prune/journal';
import { NO_PINS, type Pins } from '@plimsoll/core/stages/prune/pins';
import { makePlan, type Planned, type PlanRequest } from '@plimsoll/core/stages/prune/planner';
import type { ManifestCache } from '@plimsoll/core/stages/prune/reader';
import * as v from 'valibot';
import { Shapes } from './image-shapes.ts';
import { MemoryPackage } from './memory-package.ts';
import { type PackageOptions, PackageState } from './package-state.ts';

const DAY = 86_400_000;

/** A clock that only waits on paper. */
export class VirtualClock implements Clock {
  time: number;
  /** Milliseconds slept in all. */
  slept = 0;

  constructor(start: string) {
    this.time = Date.parse(start);
  }

  now(): Date {
    return new Date(this.time);
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.time += milliseconds;
    this.slept += milliseconds;
    return Promise.resolve();
  }
}

/** One package, its two planes and a clock, all in this process: what a test of pruning acts on. */
export class PruneScene {
  readonly clock = new VirtualClock('2026-06-01T00:00:00Z');
  readonly state: PackageState;
  readonly planes: MemoryPackage;
  readonly shapes: Shapes;
  /** The `retention:` section, as a user writes it. */
  retention: unknown = {};
  cache: ManifestCache | undefined;
  /** The list that an earlier run had. */
  earlier: Inventory | undefined;
  journal: Journal = noJournal;
  /** What is in use elsewhere. */
  pins: Pins = NO_PINS;
  ephemera: Ephemera | undefined;
  /** Of what evidence is about, what is gone from elsewhere. */
  absent: PlanRequest['absent'];

  constructor(options: Omit<PackageOptions, 'now'> = {}) {
    this.state = new PackageState({ ...options, now: () => this.clock.time });
    this.planes = new MemoryPackage(this.state);
    this.shapes = new Shapes(this.state);
  }

  /** Lets time pass; two pushes without it fall into the same second. */
  wait(days: number): void {
    this.clock.time += days * DAY;
  }

  /** What a plan is asked for. */
  request(): PlanRequest {
    const section: RetentionSection = v.parse(retentionSection, this.retention);
    return {
      package: 'ghcr.io/acme/app',
      policy: resolveRetention(section, 'acme/app'),
      pins: () => Promise.resolve(this.pins),
      ...(this.ephemera && { ephemera: this.ephemera }),
      ...(this.absent && { absent: this.absent }),
    };
  }

  plan(): Promise<Planned> {
    const { planes, clock, cache, earlier } = this;
    const known = { ...(cache && { cache }), ...(earlier && { earlier }) };
    return makePlan(this.request(), { versions: planes, manifests: planes, clock, ...known });
  }

  /** Plans and applies; what stopped it is in `failure`. */
  async prune(): Promise<Applied & { readonly planned: Planned }> {
    const planned = await this.plan();
    return { ...(await this.apply(planned)), planned };
  }

  apply(planned: Planned): Promise<Applied> {
    const { planes, clock, journal } = this;
    const ports = { versions: planes, manifests: planes, clock, journal, log: silentLog };
    return applyDeletions(planned.plan.delete, planned, ports);
  }

  /** True when every one of these can still be pulled with all its parts. */
  whole(...digests: readonly string[]): boolean {
    return digests.every((digest) => this.state.missingBelow(digest).length === 0);
  }

  alive(digest: string): boolean {
    return this.state.live(digest) !== undefined;
  }
}

/** Rules by which `dev-*` goes, every other tag stays, and untagged versions go after two days. */
export const NO_DEV = {
  channels: [
    { name: 'dev', match: ['dev-*'], keep: { last: 0 } },
    { name: 'rest', match: ['*'], keep: 'all' },
  ],
};

export function sceneWith(retention: unknown = NO_DEV): PruneScene {
  const scene = new PruneScene();
  scene.retention = retention;
  return scene;
}

/** What the plan would delete, by digest. */
export async function doomed(scene: PruneScene): Promise<string[]> {
  return (await scene.plan()).plan.delete.map((item) => item.digest);
}
