import type { Clock } from '../../runtime/clock.ts';

const WINDOW = 60_000;

/** Lets only so many deletions through in any minute. */
export class Pacer {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #most: number;
  readonly #times: number[] = [];

  /** @param most in a minute; without one there is no limit */
  constructor(most: number | undefined, { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal }) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#clock = clock;
    this.#signal = signal;
  }

  async turn(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#most === Number.POSITIVE_INFINITY) return;
    const now = this.#clock.now().getTime();
    while (this.#times[0] !== undefined && now - this.#times[0] >= WINDOW) this.#times.shift();
    const oldest = this.#times.length < this.#most ? undefined : this.#times.shift();
    if (oldest !== undefined) await this.#clock.sleep(oldest + WINDOW - now, this.#signal);
    this.#times.push(this.#clock.now().getTime());
  }
}
