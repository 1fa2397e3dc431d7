import type { StageRow } from '@plimsoll/core/report/pipeline-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { Clock } from '@plimsoll/core/runtime/clock';
import type { Log } from '@plimsoll/core/runtime/log';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import type { PipelinePorts } from '@plimsoll/core/stages/pipeline';
import { requirePass, type ScanResult } from '@plimsoll/core/stages/scan';
import { describeStage } from './describe.ts';

type StageName = StageRow['stage'];
const ORDER: readonly StageName[] = ['build', 'scan', 'publish', 'sign', 'verify', 'tag'];

/** Remembers how each stage ended, so that the summary tells the whole story also of a run that failed. */
export class StageRecord {
  readonly #rows = new Map<StageName, StageRow>();
  readonly #clock: Clock;
  readonly #log: Log;
  built: BuiltImage | undefined;
  scanned: ScanResult | undefined;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** A row for every stage; those that never started are `skipped`. */
  get rows(): readonly StageRow[] {
    return ORDER.map((stage) => this.#rows.get(stage) ?? { stage, result: 'skipped', detail: '' });
  }

  /** The same stages, each timed and remembered. */
  watch(ports: PipelinePorts): PipelinePorts {
    return {
      ...ports,
      build: async () => (this.built = await this.#run('build', ports.build, describeStage.build)),
      scan: (built) => this.#run('scan', () => this.#scan(ports, built), describeStage.scan),
      publish: (built) => this.#run('publish', () => ports.publish(built), describeStage.publish),
      sign: (digest, scanned) => this.#run('sign', () => ports.sign(digest, scanned), describeStage.sign),
      verify: (digest) => this.#run('verify', () => ports.verify(digest), describeStage.verify),
      tag: (digest, tags) => this.#run('tag', () => ports.tag(digest, tags), describeStage.tag),
    };
  }

  /** Kept before it is judged: what stopped the run is what a person wants to read. */
  async #scan(ports: PipelinePorts, built: BuiltImage): Promise<ScanResult> {
    this.scanned = await ports.scan(built);
    requirePass(this.scanned.report);
    return this.scanned;
  }

  async #run<T>(stage: StageName, body: () => Promise<T>, describe: (result: T) => string): Promise<T> {
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
