import type { Http, HttpRequest } from '@plimsoll/core/runtime/http';
import type { DirectRegistry } from './direct-http.ts';

/** The requests that were under way at the same time, as `METHOD reference`. */
export type Round = readonly string[];

/**
 * Registries that answer in rounds: what is asked is held back until nothing else happens, then all of it is answered.
 * So many rounds is how many times in a row a client waits for an answer, whatever the machine is doing.
 */
export class Rounds {
  readonly rounds: Round[] = [];
  readonly #held: (() => void)[] = [];
  readonly #lines: string[] = [];

  /** As `registry.http`, in rounds. */
  of(registry: DirectRegistry): Http {
    return {
      request: async (request) => {
        await this.#turn(request);
        return registry.http.request(request);
      },
    };
  }

  #turn({ method, url }: HttpRequest): Promise<void> {
    if (this.#held.length === 0) setImmediate(() => setImmediate(() => this.#release()));
    this.#lines.push(`${method} ${url.pathname.split('/').slice(-2).join('/')}`);
    return new Promise((resolve) => this.#held.push(resolve));
  }

  #release(): void {
    const held = this.#held.splice(0);
    this.rounds.push(this.#lines.splice(0));
    for (const go of held) go();
  }
}
