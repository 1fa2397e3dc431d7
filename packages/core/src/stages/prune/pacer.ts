import type { Clock } from '../../runtime/clock.ts';

/** GitHub gives 900 points a minute and takes 5 for a deletion: 180. A few are left for others. */
const PER_MINUTE = 170;
const WINDOW = 60_000;

/** Lets at most 170 deletions through in any minute. */
export class Pacer {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #times: number[] = [];

  constructor(clock: Clock, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  async turn(): Promise<void> {
    this.#signal?.throwIfAborted();
    const now = this.#clock.now().getTime();
    while (this.#times[0] !== undefined && now - this.#times[0] >= WINDOW) this.#times.shift();
    const oldest = this.#times.length < PER_MINUTE ? undefined : this.#times.shift();
    if (oldest !== undefined) await this.#clock.sleep(oldest + WINDOW - now, this.#signal);
    this.#times.push(this.#clock.now().getTime());
  }
}
