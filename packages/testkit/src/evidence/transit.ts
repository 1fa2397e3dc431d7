import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Lifetime } from '../world/lifetime.ts';
import { readBody, sendJson, serveLocally } from '../world/local-server.ts';

/** What stands before a SHA-256 hash in a signature (RFC 8017, section 9.2, note 1). */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** A key service: the key never leaves it. */
export interface Transit {
  /** `VAULT_ADDR`. */
  readonly url: string;
  /** `VAULT_TOKEN`, the only one it takes. */
  readonly token: string;
  /** The name of the key that it has. */
  readonly key: string;
  /** The public half, as PEM. */
  readonly publicKey: string;
  /** How often it was asked to sign. */
  signatures: number;
}

/** The part of HashiCorp Vault's transit engine that signs, with one RSA key (developer.hashicorp.com/vault/api-docs/secret/transit). */
export async function startTransit(lifetime: Lifetime): Promise<Transit> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const sign = (hash: Buffer) =>
    privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([SHA256_INFO, hash]));
  const { url } = await serveLocally(lifetime, async (request, response) => {
    const reply = await answer(request, { transit, sign });
    sendJson(response, reply);
  });
  const transit: Transit = { url, token: 'hvs.loopback', key: 'release', publicKey: pem, signatures: 0 };
  return transit;
}

interface Engine {
  readonly transit: Transit;
  readonly sign: (hash: Buffer) => Buffer;
}

async function answer(request: IncomingMessage, { transit, sign }: Engine) {
  if (request.headers['x-vault-token'] !== transit.token)
    return { status: 403, body: { errors: ['permission denied'] } };
  if (request.url === `/v1/transit/keys/${transit.key}`) {
    const keys = { 1: { name: 'rsa-2048', public_key: transit.publicKey } };
    return { status: 200, body: { data: { type: 'rsa-2048', latest_version: 1, keys } } };
  }
  if (request.url === `/v1/transit/sign/${transit.key}/sha2-256`) {
    const { input } = JSON.parse((await readBody(request)).toString()) as { input: string };
    transit.signatures += 1;
    const signature = sign(Buffer.from(input, 'base64')).toString('base64');
    return { status: 200, body: { data: { signature: `vault:v1:${signature}` } } };
  }
  return { status: 404, body: { errors: [] } };
}
