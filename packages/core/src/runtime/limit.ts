import type { Clock } from './clock.ts';

/** How many requests one host gets at a time, and when it may be asked again. */
export class HostLimit {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #notBefore = 0;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Runs the task when it is its turn, first come first served. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter();
    try {
      await this.#pauseOver(signal);
      return await task();
    } finally {
      this.#leave();
    }
  }

  /** Runs the task without waiting for a turn, but not while the host is to be left alone. */
  async pass<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#pauseOver(signal);
    return task();
  }

  /** Lets nobody through for a while: one client's 429 holds for all of them. */
  pause(milliseconds: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#clock.now().getTime() + milliseconds);
  }

  async #enter(): Promise<void> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  async #pauseOver(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const wait = this.#notBefore - this.#clock.now().getTime();
      if (wait <= 0) return;
      await this.#clock.sleep(wait, signal);
    }
  }
}

/** Runs `body` for every item, at most `most` at a time, and stops starting new ones at the first failure. */
export async function forEachLimited<T>(
  items: Iterable<T>,
  most: number,
  body: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = queue.next(); !failed && next.done !== true; next = queue.next()) {
      try {
        await body(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}
