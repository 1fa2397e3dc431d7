import type { HttpResponse } from '../../runtime/http.ts';
import { isTransient } from '../../runtime/retry.ts';
import { checkedStream } from '../checked-stream.ts';
import type { ByteStream } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Scopes } from '../auth/scope.ts';
import type { Endpoint } from './endpoint.ts';
import { unreachable } from './failure.ts';

export interface BlobRequest {
  readonly endpoint: Endpoint;
  /** `/v2/<repository>/blobs/<digest>` */
  readonly path: string;
  readonly scopes: Scopes;
  readonly descriptor: Descriptor;
  readonly label: string;
}

/** Breaks without a byte of progress before a stream is given up. */
const PATIENCE = 4;

/**
 * The bytes of a blob, checked. Nothing is requested before the first byte is wanted, and a connection
 * that breaks on the way is taken up again where it broke.
 */
export function readBlob(request: BlobRequest): ByteStream {
  return checkedStream(resuming(request), request.descriptor, request.label);
}

async function* resuming(request: BlobRequest): ByteStream {
  const { size } = request.descriptor;
  let seen = 0;
  for (let breaks = 0; breaks <= PATIENCE && (seen < size || breaks === 0); breaks += 1) {
    const response = await open(request, seen);
    if (response === undefined) return;
    try {
      for await (const chunk of skipping(response, seen)) {
        seen += chunk.length;
        if (chunk.length > 0) breaks = 0;
        yield chunk;
      }
    } catch (error) {
      if (breaks >= PATIENCE || !isTransient(error)) throw unreachable({ method: 'GET', url: response.url }, error);
    }
  }
}

/** The answer from `offset` on; `undefined` when the registry says that nothing is there. */
function open({ endpoint, path, scopes }: BlobRequest, offset: number): Promise<HttpResponse | undefined> {
  const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
  const expect = [200, 206, 416];
  return endpoint.call({ method: 'GET', to: path, scopes, headers, expect, urgent: true }, async (response) => {
    if (response.status !== 416) return response;
    await response.discard();
    return undefined;
  });
}

/** A server that ignores `Range` sends everything again. */
async function* skipping(response: HttpResponse, offset: number): ByteStream {
  let skip = response.status === 206 ? 0 : offset;
  for await (const chunk of response.body) {
    if (skip < chunk.length) yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}
