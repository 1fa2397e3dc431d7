import type { Clock } from './clock.ts';
import { Pace, type Rate } from './pace.ts';
import { Slots } from './slots.ts';

/** Requests at a time below which no refusal brings a host. */
const FEWEST = 2;
/** Milliseconds: what a host refuses within this time after a cut was sent before it. */
const SETTLING = 1_000;

/** What a host said when it refused one request for the number of them. */
export interface Throttle {
  /** Milliseconds. */
  readonly after?: number;
  /** What it says it allows. */
  readonly allowed?: Rate;
}

/**
 * How many requests one host gets at a time, how many per second of each kind, and when it may be asked again. A
 * refusal halves the first, each round of requests that go well adds one again.
 */
export class HostLimit {
  readonly #most: number;
  readonly #slots: Slots;
  readonly #clock: Clock;
  readonly #paces: Map<string, Pace>;
  /** Holds for all kinds; nothing until the host names a rate. */
  #pace: Pace | undefined;
  #notBefore = 0;
  #lastCut = Number.NEGATIVE_INFINITY;
  #wentWell = 0;

  /** @param rates - what is known of the host beforehand, by kind of request */
  constructor(most: number, clock: Clock, rates: Readonly<Record<string, Rate>> = {}) {
    this.#most = most;
    this.#slots = new Slots(most);
    this.#clock = clock;
    this.#paces = new Map(Object.entries(rates).map(([kind, rate]) => [kind, new Pace(rate, clock)]));
  }

  /** Requests at a time, as learned. */
  get most(): number {
    return this.#slots.most;
  }

  /** Runs the task when it is its turn, first come first served. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal, kind = ''): Promise<T> {
    return this.#slots.run(async () => {
      const result = await this.pass(task, signal, kind);
      this.#grow();
      return result;
    });
  }

  /** Runs the task without waiting for a turn, but not while the host is to be left alone. */
  async pass<T>(task: () => Promise<T>, signal?: AbortSignal, kind = ''): Promise<T> {
    const paced = Math.max(this.#paces.get(kind)?.take() ?? 0, this.#pace?.take() ?? 0);
    let wait = Math.max(paced, this.#pause());
    for (; wait > 0; wait = this.#pause()) {
      signal?.throwIfAborted();
      await this.#clock.sleep(wait, signal);
    }
    signal?.throwIfAborted();
    return task();
  }

  /** One client's 429 holds for all of them. */
  throttled({ after = 0, allowed }: Throttle): void {
    const now = this.#clock.now().getTime();
    this.#notBefore = Math.max(this.#notBefore, now + after);
    if (allowed !== undefined) {
      this.#pace ??= new Pace(allowed, this.#clock);
      this.#pace.lower(allowed);
    }
    this.#wentWell = 0;
    if (now - this.#lastCut < SETTLING) return;
    this.#lastCut = now;
    this.#slots.most = Math.max(Math.min(FEWEST, this.#most), Math.floor(this.#slots.most / 2));
  }

  #pause(): number {
    return this.#notBefore - this.#clock.now().getTime();
  }

  #grow(): void {
    if (this.#slots.most >= this.#most) return;
    this.#wentWell += 1;
    if (this.#wentWell < this.#slots.most) return;
    this.#wentWell = 0;
    this.#slots.most += 1;
  }
}
