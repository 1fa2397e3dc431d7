import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Reaper, startReaper } from './reaper.ts';

/**
 * The span of one world: its directory, its reaper and what must be closed in this process.
 * Everything a world starts is told here first.
 */
export class Lifetime {
  /** Absolute and short, because Unix sockets live below it. */
  readonly directory: string;
  readonly reaper: Reaper;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #closing: Promise<void> | undefined;

  constructor() {
    this.directory = mkdtempSync(path.join(realpathSync(tmpdir()), 'plimsoll-'));
    this.reaper = startReaper(this.directory);
  }

  /** What marks a child process as this world's. */
  get marker(): Record<string, string> {
    return { PLIMSOLL_WORLD: this.directory };
  }

  /**
   * Parts start side by side: when one fails and the world ends, another may be half-way. It must not
   * start anything that nobody would end.
   */
  assertOpen(): void {
    if (this.#closing !== undefined) throw new Error('this world has ended');
  }

  /** A directory of this world, made when it is not there. */
  folder(...names: readonly string[]): string {
    this.assertOpen();
    const folder = path.join(this.directory, ...names);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  file(...names: readonly string[]): string {
    const last = names.at(-1) ?? '';
    return path.join(this.folder(...names.slice(0, -1)), last);
  }

  /** Called at the end, last come first; a server of this process is closed this way. */
  defer(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** May be called again: the end comes once. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
    await this.reaper.close();
  }
}
