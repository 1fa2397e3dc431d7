import type { Clock } from './clock.ts';

/** Told how many bytes to expect, and sees them pass. */
export interface ByteMeter {
  /** Adds to what is still to come, in bytes. */
  expect(bytes: number): void;
  /** Passes a stream through unchanged. */
  count(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** Where a transfer stands. */
export interface TransferState {
  readonly moved: number;
  readonly total: number;
  /** Bytes per second since the first byte was expected. */
  readonly rate: number;
  /** Seconds left at that rate; `undefined` before the rate is known. */
  readonly remaining: number | undefined;
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

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  get state(): TransferState {
    const elapsed = this.#started === undefined ? 0 : (this.#now() - this.#started) / 1000;
    const rate = elapsed > 0 ? this.#moved / elapsed : 0;
    const left = Math.max(0, this.#total - this.#moved);
    return { moved: this.#moved, total: this.#total, rate, remaining: rate > 0 ? left / rate : undefined };
  }

  expect(bytes: number): void {
    if (this.#started === undefined) this.#started = this.#reported = this.#now();
    this.#total += bytes;
  }

  async *count(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      this.#moved += chunk.length;
      this.#tick();
      yield chunk;
    }
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
