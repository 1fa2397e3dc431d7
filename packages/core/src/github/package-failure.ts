import { PlimsollError } from '../runtime/errors.ts';
import type { ApiAnswer } from './api.ts';
import { answerFailure } from './api-failure.ts';
import type { PackageAddress } from './packages.ts';

export function packageMissing({ owner, name }: PackageAddress, answer: ApiAnswer): PlimsollError {
  return new PlimsollError(
    'package-not-found',
    `GitHub has no container package ${owner}/${name}, or the token may not see it`,
    {
      hint: `Check the name. If it is right, ${ACCESS}`,
      cause: answerFailure(answer),
    },
  );
}

export function denied({ owner, name }: PackageAddress, answer: ApiAnswer): PlimsollError {
  return new PlimsollError('github-denied', `The token may not delete versions of ${owner}/${name}`, {
    hint: `To allow it, ${ACCESS}`,
    cause: answerFailure(answer),
  });
}

/** Which tokens can, and what each needs. Fine-grained tokens do not work with GHCR at all. */
const ACCESS =
  'write "permissions: packages: write" in the job, and on the package page under "Manage Actions access" give this repository the role Admin. ' +
  'Outside of that repository use a classic token with read:packages and delete:packages; a fine-grained token cannot do it.';
