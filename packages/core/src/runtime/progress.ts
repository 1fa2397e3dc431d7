import type { Clock } from './clock.ts';

/** Told how many bytes to expect, and sees them pass. */
export interface ByteMeter {
  /**
   * Adds to what is still to come, in bytes.
   *
   * @param part - of what they are, such as a platform
   */
  expect(bytes: number, part?: string): void;
  /** Passes a stream through unchanged. */
  count(stream: AsyncIterable<Uint8Array>, part?: string): AsyncIterable<Uint8Array>;
}

/** Bytes of one part of a transfer. */
export interface PartState {
  readonly moved: number;
  readonly total: number;
}

/** Where a transfer stands. */
export interface TransferState {
  readonly moved: number;
  readonly total: number;
  /** Bytes per second since the first byte was expected. */
  readonly rate: number;
  /** Seconds left at that rate; `undefined` before the rate is known. */
  readonly remaining: number | undefined;
  /** By name, in the order in which they were first heard of; those that nothing is expected of are left out. */
  readonly parts: ReadonlyMap<string, PartState>;
}

export interface TransferOptions {
  readonly clock: Clock;
  /** Called at most once per `every`. */
  readonly report: (state: TransferState) => void;
  /** Milliseconds. */
  readonly every: number;
}

/** Measures a transfer and reports on it now and then, so that a log shows life without being flooded. */
export class Transfer implements ByteMeter {
  readonly #options: TransferOptions;
  #started: number | undefined;
  #reported = 0;
  #moved = 0;
  #total = 0;
  readonly #parts = new Map<string, PartState>();

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  get state(): TransferState {
    const elapsed = this.#started === undefined ? 0 : (this.#now() - this.#started) / 1000;
    const rate = elapsed > 0 ? this.#moved / elapsed : 0;
    const left = Math.max(0, this.#total - this.#moved);
    return {
      moved: this.#moved,
      total: this.#total,
      rate,
      remaining: rate > 0 ? left / rate : undefined,
      parts: new Map(this.#parts),
    };
  }

  expect(bytes: number, part?: string): void {
    if (this.#started === undefined) this.#started = this.#reported = this.#now();
    this.#total += bytes;
    this.#add(part, { moved: 0, total: bytes });
  }

  async *count(stream: AsyncIterable<Uint8Array>, part?: string): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      this.#moved += chunk.length;
      this.#add(part, { moved: chunk.length, total: 0 });
      this.#tick();
      yield chunk;
    }
  }

  #add(part: string | undefined, { moved, total }: PartState): void {
    if (part === undefined) return;
    const before = this.#parts.get(part) ?? { moved: 0, total: 0 };
    this.#parts.set(part, { moved: before.moved + moved, total: before.total + total });
  }

  #tick(): void {
    const now = this.#now();
    if (now - this.#reported < this.#options.every) return;
    this.#reported = now;
    this.#options.report(this.state);
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}
