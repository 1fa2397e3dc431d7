/** Lets at most so many tasks run at a time, first come first served. */
export class Slots {
  #most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param most - at least 1 */
  constructor(most: number) {
    this.#most = Math.max(1, most);
  }

  /** How many may run at a time. Those that run already are left to end. */
  get most(): number {
    return this.#most;
  }

  set most(most: number) {
    this.#most = Math.max(1, most);
    this.#admit();
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  #admit(): void {
    while (this.#running < this.#most) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next();
    }
  }
}
