import type { Dispatcher } from 'undici';
import { answerRead } from './buffer-garbage.ts';

/** An answer whose body is read exactly once, by one of its methods or as a stream. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fails when it ends before `content-length` bytes came, whatever the transport thinks. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** @param limit - bytes; a longer body is an error. Default 8 MiB. */
  text(limit?: number): Promise<string>;
  bytes(limit?: number): Promise<Buffer>;
  /** The caller vouches for the shape. @throws SyntaxError */
  json<T = unknown>(limit?: number): Promise<T>;
  /** Lets go of the connection without reading; never fails. */
  discard(): Promise<void>;
}

interface RawAnswer {
  readonly url: URL;
  readonly method: string;
  readonly answer: Dispatcher.ResponseData;
}

const LIMIT = 8 * 1024 * 1024;

/** Wraps undici's answer. */
export function readResponse({ url, method, answer }: RawAnswer): HttpResponse {
  const headers = flatten(answer.headers);
  const expected = method === 'HEAD' || headers['content-encoding'] ? undefined : lengthOf(headers);
  const body = checkLength(answer.body, expected);
  const bytes = (limit = LIMIT) => collect(answer.body, { expected, limit });
  return {
    status: answer.statusCode,
    headers,
    body,
    url,
    bytes,
    text: async (limit) => (await bytes(limit)).toString('utf8'),
    json: async <T>(limit?: number) => JSON.parse((await bytes(limit)).toString('utf8')) as T,
    discard: () => discard(answer),
  };
}

async function discard(answer: Dispatcher.ResponseData): Promise<void> {
  try {
    await answer.body.dump({ limit: 64 * 1024 });
  } catch {
    // The body was not wanted; that it broke while being thrown away changes nothing.
  }
}

function flatten(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function lengthOf(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

async function* checkLength(body: AsyncIterable<Uint8Array>, expected: number | undefined): AsyncIterable<Uint8Array> {
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    yield chunk;
  }
  const problem = lengthProblem(seen, expected);
  if (problem !== undefined) throw problem;
}

function lengthProblem(seen: number, expected: number | undefined): Error | undefined {
  if (expected === undefined || seen === expected) return undefined;
  return new Error(`the body ended after ${seen} of ${expected} bytes`);
}

/** By events: an iterator costs several times the memory of what most answers hold, and some runs ask for thousands. */
function collect(
  body: Dispatcher.ResponseData['body'],
  { expected, limit }: { readonly expected: number | undefined; readonly limit: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    body.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > limit) body.destroy(new Error(`the body is longer than ${limit} bytes`));
    });
    body.once('end', () => {
      const problem = lengthProblem(size, expected);
      if (problem === undefined) resolve(Buffer.concat(chunks, size));
      else reject(problem);
      answerRead();
    });
    body.once('error', reject);
    body.once('close', () => reject(new Error('the body was closed before its end')));
  });
}
