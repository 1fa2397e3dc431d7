import { expect, it } from 'vitest';
import { readInputs } from '../../github/inputs.ts';
import { Secrets } from '../../github/secrets.ts';
import { readSigningInputs, SIGNING_INPUTS } from './inputs.ts';

it.each([
  ['env://COSIGN_PRIVATE_KEY', true],
  ['env://OTHER', false],
  ['cosign.key', false],
])('with the key %s, that COSIGN_PRIVATE_KEY holds a secret is known: %s', (key, known) => {
  const secrets = new Secrets(() => undefined);
  const env = { COSIGN_PRIVATE_KEY: '-----BEGIN-----\nMHcCAQEE\n-----END-----\n' };
  const inputs = readInputs(SIGNING_INPUTS, { INPUT_KEY: key }, secrets);
  expect(readSigningInputs(inputs, { env, secrets }).key).toBe(key);
  expect(secrets.isIn(env.COSIGN_PRIVATE_KEY)).toBe(known);
});
