import { writeFileSync } from 'node:fs';
import type { Lifetime } from '../lifetime.ts';
import { readBody, sendJson, serveLocally } from '../local-server.ts';
import { createCtLog } from './ct-log.ts';

export interface CtEndpoint {
  readonly url: string;
  /** PEM. */
  readonly publicKeyFile: string;
}

/** Serves a certificate transparency log to Fulcio. */
export async function startCtEndpoint(lifetime: Lifetime): Promise<CtEndpoint> {
  const log = createCtLog();
  const { url } = await serveLocally(lifetime, async (request, response) => {
    const body = await readBody(request);
    if (request.url !== '/ct/v1/add-pre-chain') return sendJson(response, { status: 404, body: {} });
    const { chain } = JSON.parse(body.toString()) as { chain: string[] };
    sendJson(response, { status: 200, body: log.addPreChain(chain) });
  });
  const publicKeyFile = lifetime.file('sigstore', 'ct.pub');
  writeFileSync(publicKeyFile, log.publicKey);
  return { url, publicKeyFile };
}
