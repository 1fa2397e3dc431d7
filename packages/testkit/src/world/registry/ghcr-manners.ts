import type { PackageName, PackagesLedger } from '../../github/ledger.ts';
import { readBody, sendJson } from '../local-server.ts';
import type { FrontExchange, RegistryManners } from './front.ts';
import { denied } from './token-auth.ts';

/**
 * What GHCR does and a plain registry does not: no referrers API, no deletion through the registry,
 * and every manifest is a version of a package, which the REST API can delete.
 */
export function ghcrManners(ledger: PackagesLedger): RegistryManners {
  return { answer: (exchange) => answer(ledger, exchange) };
}

async function answer(ledger: PackagesLedger, exchange: FrontExchange): Promise<boolean> {
  const { route, request, response } = exchange;
  if (request.method === 'DELETE') return refuse(exchange, 405, 'UNSUPPORTED', 'The operation is unsupported.');
  if (route.kind === 'referrers') return refuse(exchange, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  if (route.kind === 'tags') {
    await sendTags(ledger, exchange, route.name);
    return true;
  }
  if (route.kind !== 'manifest') return false;
  const target = { ...packageName(route.name), reference: route.reference };
  if (request.method === 'PUT') await putManifest(ledger, exchange, target);
  else if (ledger.state(target, route.reference) === 'deleted') return unknownManifest(exchange);
  else {
    if (request.method === 'GET') ledger.recordRead(target);
    await exchange.forwarder.stream(request, response, withoutSubject);
  }
  return true;
}

async function putManifest(
  ledger: PackagesLedger,
  { request, response, forwarder }: FrontExchange,
  target: PackageName & { readonly reference: string },
): Promise<void> {
  const bytes = await readBody(request);
  const answered = await forwarder.exchange(request, bytes);
  const digest = answered.headers['docker-content-digest'];
  if (answered.status === 201 && typeof digest === 'string') {
    const { owner, pkg, reference } = target;
    const tags = reference.includes(':') ? [] : [reference];
    ledger.recordManifest({ owner, pkg, digest, mediaType: request.headers['content-type'] ?? '', tags, bytes });
  }
  response.writeHead(answered.status, withoutSubject(answered.headers));
  response.end(answered.body);
}

/** Tags of deleted versions are gone, though the storage still has them. */
async function sendTags(ledger: PackagesLedger, { request, response, forwarder }: FrontExchange, name: string) {
  const answered = await forwarder.exchange(request);
  if (answered.status !== 200) {
    response.writeHead(answered.status, answered.headers);
    response.end(answered.body);
    return;
  }
  const list = JSON.parse(answered.body.toString()) as { name: string; tags: string[] | null };
  const owner = packageName(name);
  const tags = (list.tags ?? []).filter((tag) => ledger.state(owner, tag) !== 'deleted');
  const link = answered.headers['link'];
  const headers = typeof link === 'string' ? { link } : {};
  sendJson(response, { status: 200, body: { name: list.name, tags }, headers });
}

function withoutSubject<T extends Record<string, unknown>>(headers: T): T {
  const { 'oci-subject': _subject, ...rest } = headers;
  return rest as T;
}

function unknownManifest(exchange: FrontExchange): boolean {
  return refuse(exchange, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
}

function refuse({ request, response }: FrontExchange, ...[status, code, message]: Parameters<typeof denied>): true {
  request.resume();
  sendJson(response, denied(status, code, message));
  return true;
}

/** `acme/app/web` is the package `app/web` of `acme`. */
function packageName(repository: string): PackageName {
  const [owner = '', ...rest] = repository.split('/');
  return { owner, pkg: rest.join('/') };
}
