import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Lifetime } from './lifetime.ts';
import { listeningPorts } from './ports.ts';

export interface DaemonSpec {
  /** Names the log file, and messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const KEPT_OUTPUT = 64 * 1024;

/** A process of the world, in a process group of its own that the reaper knows. */
export class Daemon {
  readonly name: string;
  readonly #child: ChildProcess;
  #output = '';
  #ended: string | undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(lifetime: Lifetime, spec: DaemonSpec) {
    this.name = spec.name;
    const log = createWriteStream(lifetime.file('log', `${spec.name}.log`), { flags: 'a' });
    this.#child = spawn(spec.command, [...spec.args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: spec.cwd ?? lifetime.directory,
      env: { PATH: process.env['PATH'] ?? '', HOME: lifetime.directory, ...spec.env, ...lifetime.marker },
    });
    if (this.#child.pid !== undefined) lifetime.reaper.note({ kind: 'group', id: this.#child.pid });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream instanceof Socket) stream.unref();
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
        this.#wake();
      });
    }
    this.#child.unref();
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(`ended with ${signal ?? `exit code ${code}`}`));
  }

  /** The last 64 KiB of both output streams. */
  get output(): string {
    return this.#output;
  }

  /** True after a failure that another port would mend. */
  get portClash(): boolean {
    return /address already in use/.test(this.#output);
  }

  /** Resolves with the match when the output first matches. @throws when the process ends before */
  async outputMatch(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(() => pattern.exec(this.#output) ?? undefined);
  }

  /** Polls `probe` until it gives something, at once after output and otherwise every 10 ms. */
  async until<T>(probe: () => T | undefined | Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await probe();
      if (found !== undefined) return found;
      if (this.#ended !== undefined) throw this.#failure(this.#ended);
      if (Date.now() > deadline) throw this.#failure(`was not ready after ${timeoutMs / 1000} s`);
      await this.#somethingHappens();
    }
  }

  /**
   * Resolves with the port of 127.0.0.1 on which this very process answers a GET of `path` with JSON. A port that was
   * chosen for it can be somebody else's by the time it listens, and so can the answer; so programs start with port 0.
   */
  async servingPort(path: string): Promise<number> {
    return this.until(async () => {
      const pid = this.#child.pid;
      if (pid === undefined || this.#ended !== undefined) return undefined;
      for (const port of listeningPorts(pid)) if (await answersJson(`http://127.0.0.1:${port}${path}`)) return port;
      return undefined;
    });
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 10);
      this.#listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }

  #end(how: string): void {
    this.#ended ??= how;
    this.#wake();
  }

  #failure(how: string): Error {
    return new Error(
      `${this.name} ${how}; its last words:\n${this.#output.trimEnd().split('\n').slice(-12).join('\n')}`,
    );
  }
}

/** Another port may speak another protocol, or answer everything with metrics. */
async function answersJson(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true && (response.headers.get('content-type') ?? '').startsWith('application/json');
}
