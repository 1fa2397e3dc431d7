import type { Clock } from './clock.ts';
import { Slots } from './slots.ts';

/** How many requests one host gets at a time, and when it may be asked again. */
export class HostLimit {
  readonly #slots: Slots;
  readonly #clock: Clock;
  #notBefore = 0;

  constructor(most: number, clock: Clock) {
    this.#slots = new Slots(most);
    this.#clock = clock;
  }

  /** Runs the task when it is its turn, first come first served. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#slots.run(() => this.pass(task, signal));
  }

  /** Runs the task without waiting for a turn, but not while the host is to be left alone. */
  async pass<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.#notBefore - this.#clock.now().getTime();
      if (wait <= 0) return task();
      await this.#clock.sleep(wait, signal);
    }
  }

  /** Lets nobody through for a while, in milliseconds: one client's 429 holds for all of them. */
  pause(milliseconds: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#clock.now().getTime() + milliseconds);
  }
}
