import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is handed on in pieces, so that a tool without line ends cannot fill the memory. */
const LONGEST_LINE = 64 * 1024;

/** One output stream of a process: the end of it as text, and every line as it comes. */
export interface ProcessOutput {
  write(chunk: Buffer): void;
  /** Hands on the last line when it has no line end. */
  end(): void;
  /** The last `limit` bytes. */
  text(): string;
  /** True when bytes before {@link text} were dropped. */
  truncated(): boolean;
}

export function processOutput(limit: number, onLine: (line: string) => void): ProcessOutput {
  const decoder = new StringDecoder('utf8');
  let chunks: Buffer[] = [];
  let size = 0;
  let dropped = false;
  let partial = '';

  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    // Compacting only at twice the limit keeps the work linear in the output.
    if (size <= limit * 2) return;
    chunks = [Buffer.concat(chunks).subarray(size - limit)];
    size = limit;
    dropped = true;
  };

  const lines = (text: string): void => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    for (const part of parts) onLine(part.endsWith('\r') ? part.slice(0, -1) : part);
    if (partial.length <= LONGEST_LINE) return;
    onLine(partial);
    partial = '';
  };

  return {
    write(chunk) {
      keep(chunk);
      lines(decoder.write(chunk));
    },
    end() {
      lines(decoder.end());
      if (partial !== '') onLine(partial);
      partial = '';
    },
    text() {
      const all = Buffer.concat(chunks);
      return all.subarray(Math.max(0, all.length - limit)).toString('utf8');
    },
    truncated: () => dropped || size > limit,
  };
}
