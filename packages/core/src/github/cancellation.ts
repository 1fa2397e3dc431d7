import type { Clock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';

/** The runner sends SIGTERM 7.5 s after SIGINT: until then tools are stopped and locks released. */
const GRACE_MS = 7_000;

/** Turns the runner's signals into one abort signal and a deadline. */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts with `cancelled`; a second signal changes nothing. */
  cancel(cause: string): void {
    if (!this.signal.aborted) this.#controller.abort(cancelled(cause));
  }

  /** Waits for the work; once cancelled, for seven seconds at most. */
  async guard(work: Promise<void>): Promise<void> {
    const overdue = new AbortController();
    try {
      await Promise.race([work, this.#deadline(overdue.signal)]);
    } finally {
      overdue.abort();
    }
  }

  /** What to report: whatever fails after a cancellation fails because of it. */
  explain(error: unknown): unknown {
    return this.signal.aborted ? this.signal.reason : error;
  }

  async #deadline(over: AbortSignal): Promise<never> {
    await new Promise<void>((resolve) => {
      if (this.signal.aborted) resolve();
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.#clock.sleep(GRACE_MS, over);
    throw this.signal.reason;
  }
}

function cancelled(cause: string): PlimsollError {
  return new PlimsollError('cancelled', `The run was cancelled (${cause})`, {
    hint: 'Run it again when you like: finished work is recognised and skipped.',
  });
}
