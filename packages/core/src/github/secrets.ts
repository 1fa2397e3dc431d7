import type { Masker } from './inputs.ts';

/** Shorter values are parts of ordinary words and digests: hiding them would hide those. */
const SHORTEST = 4;
const HIDDEN = '***';

/**
 * The secrets read so far. They are masked in the runner's log, and struck out of whatever we
 * print ourselves, because not every place where an action runs has a runner that masks.
 */
export class Secrets implements Masker {
  readonly #values = new Set<string>();
  readonly #announce: (value: string) => void;

  /** @param announce tells the runner; called once for each value */
  constructor(announce: (value: string) => void) {
    this.#announce = announce;
  }

  /** Registers a value and each of its lines. Never call it with a user name: outputs that hold a masked text are dropped. */
  mask(value: string): void {
    for (const text of [value, ...value.split(/\r?\n/).map((line) => line.trim())]) {
      if (text.length < SHORTEST || this.#values.has(text)) continue;
      this.#values.add(text);
      this.#announce(text);
    }
  }

  /** Registers a credential in each form in which it crosses the wire. */
  maskCredential({ username, password }: { readonly username: string; readonly password: string }): void {
    this.mask(password);
    if (password.length >= SHORTEST) this.mask(Buffer.from(`${username}:${password}`).toString('base64'));
  }

  redact(text: string): string {
    let clean = text;
    // The longest first, so that a secret that contains another leaves no rest behind.
    for (const value of [...this.#values].toSorted((a, b) => b.length - a.length))
      clean = clean.replaceAll(value, HIDDEN);
    return clean;
  }

  /** True when the text holds a secret, so that the runner would refuse it as an output. */
  isIn(text: string): boolean {
    return [...this.#values].some((value) => text.includes(value));
  }
}
