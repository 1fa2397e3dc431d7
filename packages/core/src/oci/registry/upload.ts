import { isFailure } from '../../runtime/errors.ts';
import type { HttpResponse } from '../../runtime/http.ts';
import type { Attempt } from '../../runtime/retry.ts';
import { joinScopes, type Scopes, scopeOf } from '../auth/scope.ts';
import { checkedStream, readBytes } from '../checked-stream.ts';
import type { ByteStream, PutBlobOptions } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import { WholeBlob } from '../whole-blob.ts';
import type { Endpoint } from './endpoint.ts';
import { protocolFailure, refusal } from './failure.ts';

/** Where uploads of one repository go. */
export interface UploadTarget {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly scopes: Scopes;
}

export interface Upload extends Pick<PutBlobOptions, 'from' | 'count'> {
  readonly descriptor: Descriptor;
  readonly open: () => Promise<ByteStream>;
  /** One that was opened before, for the first try. */
  readonly session?: Promise<Attempt<URL>> | undefined;
}

/**
 * Uploads a blob in one piece: POST for a session, then PUT with the length known, streaming. A try
 * that fails starts over with a new session, since what became of the old one is unknown.
 *
 * @throws PlimsollError `digest-mismatch` when the source's bytes are not what the descriptor says
 */
export async function uploadBlob(target: UploadTarget, upload: Upload): Promise<void> {
  let mounted = upload.from === undefined ? undefined : await mount(target, upload, upload.from);
  if (mounted === 'mounted') return;
  let early = upload.session;
  await target.endpoint.retry(async () => {
    const session: Attempt<URL> = mounted instanceof URL ? { value: mounted } : await (early ?? openUpload(target));
    mounted = early = undefined;
    return 'value' in session ? send(target, upload, session.value) : session;
  });
}

/** Opens an upload session and drops it again: the cheapest proof that this repository may be written to. */
export async function probeUpload(target: UploadTarget): Promise<void> {
  const session = await target.endpoint.call(startRequest(target), (response) => sessionOf(target, response));
  await dropUpload(target, session);
}

/**
 * Asks the registry to take the blob from another repository of its own. A registry that will not
 * gives a session to send the bytes to; one that refuses to talk about it is asked in the usual way.
 */
async function mount(target: UploadTarget, { descriptor }: Upload, from: string): Promise<'mounted' | URL | undefined> {
  const query = `?mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`;
  const scopes = joinScopes(target.scopes, scopeOf(from, 'pull'));
  const request = { ...startRequest(target, query), scopes, expect: [201, 202] };
  try {
    return await target.endpoint.call(request, async (response) => {
      if (response.status === 202) return sessionOf(target, response);
      await response.discard();
      return 'mounted';
    });
  } catch (error) {
    if (isFailure(error, 'registry-unauthorized', 'registry-denied', 'registry-not-found', 'registry-rejected'))
      return undefined;
    throw error;
  }
}

/** Opens a session, with one try. */
export function openUpload(target: UploadTarget): Promise<Attempt<URL>> {
  return target.endpoint.attempt(startRequest(target), (response) => sessionOf(target, response));
}

function startRequest({ repository, scopes }: UploadTarget, query = '') {
  return {
    method: 'POST',
    to: `/v2/${repository}/blobs/uploads/${query}`,
    scopes,
    headers: { 'content-length': '0' },
    expect: [202],
  } as const;
}

async function sessionOf({ endpoint }: UploadTarget, response: HttpResponse): Promise<URL> {
  await response.discard();
  const location = response.headers['location'];
  if (location !== undefined) return endpoint.locate(location, response.url);
  throw protocolFailure({ method: 'POST', url: response.url }, 'the upload session has no Location');
}

async function send(
  target: UploadTarget,
  { descriptor, open, count = (bytes) => bytes }: Upload,
  session: URL,
): Promise<Attempt<void>> {
  const to = new URL(session);
  // Appended as text: the query is the registry's own state and must come back as it was.
  to.search = `${to.search === '' ? '?' : `${to.search}&`}digest=${encodeURIComponent(descriptor.digest)}`;
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(descriptor.size) };
  const body = async () => counted(checkedStream(await open(), descriptor, target.repository), count);
  const request = { method: 'PUT', to, scopes: target.scopes, headers, body, expect: [200, 201, 204, 404] } as const;
  try {
    const done = await target.endpoint.attempt(request, (response) => finished(response, to));
    return 'value' in done && done.value !== undefined ? { failure: done.value } : (done as Attempt<void>);
  } catch (error) {
    if (isFailure(error, 'digest-mismatch')) await dropUpload(target, session);
    throw error;
  }
}

/** What is in memory is counted first, and sent in one piece. */
function counted(bytes: ByteStream, count: (bytes: ByteStream) => ByteStream): ByteStream | Promise<Buffer> {
  return bytes instanceof WholeBlob ? readBytes(count(bytes)) : count(bytes);
}

/** A session that another server behind the same name does not know is worth another try. */
async function finished(response: HttpResponse, url: URL) {
  if (response.status !== 404) return discard(response);
  const { status, headers } = response;
  return refusal({ method: 'PUT', url, status, headers, text: await response.text(), authenticated: true });
}

/** Drops a session. Never throws. */
export async function dropUpload({ endpoint, scopes }: UploadTarget, session: URL): Promise<void> {
  try {
    await endpoint.attempt(
      { method: 'DELETE', to: session, scopes, expect: [200, 202, 204, 404, 405], anyPage: true },
      discard,
    );
  } catch {
    // Sessions that are not dropped expire; what led here matters more than this.
  }
}

function discard(response: HttpResponse): Promise<undefined> {
  return response.discard().then(() => undefined);
}
