import type { Clock } from './clock.ts';

/** What a server says it takes. */
export interface Rate {
  readonly perSecond: number;
  /** Requests that may come at once, beyond the rate. */
  readonly burst: number;
}

/** Tells each request when it may go, so that a rate is kept (the generic cell rate algorithm). */
export class Pace {
  readonly #clock: Clock;
  #rate: Rate;
  /** Milliseconds since the epoch: when everything let through so far would have been, one after the other. */
  #due = 0;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Holds to this rate from now on, unless the one that is kept is lower. */
  lower(rate: Rate): void {
    if (rate.perSecond < this.#rate.perSecond) this.#rate = rate;
  }

  /** Takes the next place. Returns the milliseconds to wait for it. */
  take(): number {
    const now = this.#clock.now().getTime();
    const interval = 1000 / this.#rate.perSecond;
    const due = Math.max(this.#due, now);
    this.#due = due + interval;
    return Math.max(0, due - interval * this.#rate.burst - now);
  }
}
