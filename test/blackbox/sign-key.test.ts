import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { startTransit } from '@plimsoll/testkit/evidence/transit';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
const COSIGN_PASSWORD = 'correct horse';
/** As in a job without `id-token: write`. */
const NO_TOKEN = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };

let bed: EvidenceWorld;
let built: AttestedImage;
let images = 0;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  for (const name of ['ours', 'theirs']) await generate(name);
});
afterAll(() => bed.world.close());
beforeEach(async () => {
  built = await pushAttestedImage(bed.repository, `key ${(images += 1)}`);
});

async function generate(name: string): Promise<void> {
  const cwd = path.join(bed.world.directory, 'keys', name);
  mkdirSync(cwd, { recursive: true });
  await execute(bed.world.tools.cosign ?? '', ['generate-key-pair'], { cwd, env: { HOME: cwd, COSIGN_PASSWORD } });
}
const file = (name: string, half: 'key' | 'pub') => path.join(bed.world.directory, 'keys', name, `cosign.${half}`);
const signed = (key: string, env = {}) =>
  bed.sign(built, { inputs: { key }, env: { ...NO_TOKEN, COSIGN_PASSWORD, ...env } });

describe('a key', () => {
  it.each([
    ['of a file', () => file('ours', 'key'), () => ({})],
    ['of a variable', () => 'env://SIGNING_KEY', () => ({ SIGNING_KEY: readFileSync(file('ours', 'key'), 'utf8') })],
  ])('%s signs without any token, and cosign and verify accept it', async (_name, key, env) => {
    const run = await signed(key(), env());
    expect(codeOf(run)).toBeUndefined();
    expect(run.shown).not.toContain('PRIVATE KEY');
    const command = run.outputs['verify-command'] ?? '';
    expect(command).toMatch(/^cosign verify --key cosign\.pub /);
    await bed.consumer(command.replace('cosign.pub', file('ours', 'pub')));
    expect(codeOf(await bed.verify(bed.at(built.digest), { key: file('ours', 'pub') }))).toBeUndefined();
  });

  it('of a key service signs without leaving it', async () => {
    const transit = await startTransit(bed.world.lifetime);
    const service = { VAULT_ADDR: transit.url, VAULT_TOKEN: transit.token };
    const run = await signed(`hashivault://${transit.key}`, service);
    expect(codeOf(run), run.shown).toBeUndefined();
    expect(transit.signatures).toBeGreaterThan(0);
    const name = path.join(bed.world.directory, 'keys', 'service.pub');
    writeFileSync(name, transit.publicKey);
    await bed.consumer((run.outputs['verify-command'] ?? '').replace('cosign.pub', name));
    expect(codeOf(await bed.verify(bed.at(built.digest), { key: name }))).toBeUndefined();
    const denied = await signed(`hashivault://${transit.key}`, { ...service, VAULT_TOKEN: 'hvs.other' });
    expect(codeOf(denied)).toBe('key-unusable');
  });

  it('is not taken for another, nor for a workflow', async () => {
    const run = await signed(file('ours', 'key'));
    expect(codeOf(run)).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(built.digest), { key: file('theirs', 'pub') }))).toBe('verify-untrusted');
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('verify-untrusted');
    const theirs = (run.outputs['verify-command'] ?? '').replace('cosign.pub', file('theirs', 'pub'));
    await expect(bed.consumer(theirs)).rejects.toThrow();
  });

  it('does not make a workflow trusted', async () => {
    await bed.sign(built);
    expect(codeOf(await bed.verify(bed.at(built.digest), { key: file('ours', 'pub') }))).toBe('verify-untrusted');
  });

  it('signs once: what it signed before is kept', async () => {
    await signed(file('ours', 'key'));
    expect((await signed(file('ours', 'key'))).shown).toMatch(/ 0 signed, 12 there already/);
  });

  it.each([
    ['that is not there', () => path.join(bed.world.directory, 'no.key'), {}],
    ['whose password is wrong', () => file('ours', 'key'), { COSIGN_PASSWORD: 'wrong' }],
    ['in the form of openssl', () => openssl(), {}],
    [
      'of a service that does not answer',
      () => 'hashivault://release',
      { VAULT_ADDR: 'http://127.0.0.1:9', VAULT_TOKEN: 'x' },
    ],
  ])('%s has a code of its own', async (_name, key, env) => {
    expect(codeOf(await signed(key(), env))).toBe('key-unusable');
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
  });
});

/** PKCS #8 without encryption, which cosign does not read. */
function openssl(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = path.join(bed.world.directory, 'keys', 'openssl.pem');
  writeFileSync(name, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return name;
}
