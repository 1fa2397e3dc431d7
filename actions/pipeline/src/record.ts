import type { StageRow } from '@plimsoll/core/report/pipeline-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { Clock } from '@plimsoll/core/runtime/clock';
import type { Log } from '@plimsoll/core/runtime/log';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { PipelinePorts } from '@plimsoll/core/stages/pipeline/member';
import type { PublishResult } from '@plimsoll/core/stages/publish';
import { requirePass, type ScanResult } from '@plimsoll/core/stages/scan';
import type { TagMove } from '@plimsoll/core/stages/tags';
import { requireSmoke, type SmokeResult } from '@plimsoll/core/stages/smoke/judgement';
import type { VerifyReport } from '@plimsoll/core/stages/verify';
import { describeStage } from './describe.ts';

type StageName = StageRow['stage'];
const ORDER: readonly StageName[] = ['build', 'scan', 'smoke', 'publish', 'sign', 'verify', 'tag'];

/** Writes the tags of all images of a run, and says what became of those of each. */
type WriteTags = () => Promise<readonly (readonly TagMove[])[]>;

/** Remembers how each stage ended, so that the summary tells the whole story also of a run that failed. */
export class StageRecord {
  readonly #rows = new Map<StageName, StageRow>();
  readonly #clock: Clock;
  readonly #log: Log;
  built: BuiltImage | undefined;
  scanned: ScanResult | undefined;
  /** What is in the registry: uploaded here, or found there and verified. */
  published: Digest | undefined;
  /** The image that failed, where this one was not built because of it. */
  stoppedBy: string | undefined;
  smoked: readonly SmokeResult[] = [];
  readonly #hasTests: boolean;

  /** @param hasTests whether there is a smoke test to tell of */
  constructor(hasTests: boolean, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#hasTests = hasTests;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether an earlier run had published and signed it: nothing was built. */
  get resumed(): boolean {
    return this.published !== undefined && this.built === undefined;
  }

  /** A row for every stage; those that never started are `skipped`. */
  get rows(): readonly StageRow[] {
    const stages = ORDER.filter((stage) => stage !== 'smoke' || this.#hasTests);
    return stages.map((stage) => this.#rows.get(stage) ?? { stage, result: 'skipped', detail: '' });
  }

  /** The same stages, each timed and remembered. */
  watch(ports: PipelinePorts): PipelinePorts {
    return {
      ...ports,
      build: async (bases) => (this.built = await this.#run('build', () => ports.build(bases), describeStage.build)),
      scan: (built) => this.#run('scan', () => this.#scan(ports, built), describeStage.scan),
      smoke: (built) =>
        this.#hasTests ? this.#run('smoke', () => this.#smoke(ports, built), describeStage.smoke) : Promise.resolve([]),
      publish: (built, scanned) => this.#publish(ports, built, scanned),
      sign: (digest, scanned) => this.#run('sign', () => ports.sign(digest, scanned), describeStage.sign),
      verify: (digest) => this.#verify(ports, digest),
      stopped: (by) => (this.stoppedBy = by),
    };
  }

  /** The tags of all images of a run are written at once; this is about those at `index`. */
  tagging(write: WriteTags, index: number): WriteTags {
    return () => this.#run('tag', write, (moves) => describeStage.tag(moves[index] ?? []));
  }

  /** Kept before it is judged: what stopped the run is what a person wants to read. */
  async #scan(ports: PipelinePorts, built: BuiltImage): Promise<ScanResult> {
    this.scanned = await ports.scan(built);
    requirePass(this.scanned.report);
    return this.scanned;
  }

  async #publish(ports: PipelinePorts, built: BuiltImage, scanned: ScanResult): Promise<PublishResult> {
    const result = await this.#run('publish', () => ports.publish(built, scanned), describeStage.publish);
    this.published = built.digest;
    return result;
  }

  async #verify(ports: PipelinePorts, digest: Digest): Promise<VerifyReport> {
    const report = await this.#run('verify', () => ports.verify(digest), describeStage.verify);
    // What is verified before anything is built is an earlier run's.
    this.published ??= digest;
    return report;
  }

  async #smoke(ports: PipelinePorts, built: BuiltImage): Promise<readonly SmokeResult[]> {
    this.smoked = await ports.smoke(built);
    requireSmoke(this.smoked);
    return this.smoked;
  }

  async #run<T>(stage: StageName, body: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    this.#log.live?.({ kind: 'stage', name: stage });
    const started = this.#clock.now().getTime();
    const elapsed = () => this.#clock.now().getTime() - started;
    this.#rows.set(stage, { stage, result: 'failed', detail: 'stopped here' });
    const result = await body().finally(() => {
      this.#rows.set(stage, { stage, result: 'failed', detail: 'stopped here', milliseconds: elapsed() });
    });
    const detail = describe(result);
    this.#rows.set(stage, { stage, result: 'done', detail, milliseconds: elapsed() });
    this.#log.info(stageLine(stage, detail, elapsed()));
    return result;
  }
}

/** Writes the tags of several images as one stage of each. */
export function tagAll(records: readonly StageRecord[], write: WriteTags): ReturnType<WriteTags> {
  const watched = records.reduce((body, record, index) => record.tagging(body, index), write);
  return watched();
}
