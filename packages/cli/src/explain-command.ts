import { ERROR_ADVICE } from '@plimsoll/core/runtime/error-advice';
import { ERROR_CODES, type ErrorCode } from '@plimsoll/core/runtime/error-codes';
import { nearest } from '@plimsoll/core/runtime/nearest';
import { actionCommand } from './action-command.ts';
import type { OwnCommand } from './own-command.ts';
import { print } from './streams.ts';
import { UsageError } from './usage-error.ts';

const IMAGE = /^(?<package>[^@]+?)(?:@(?<digest>sha256:[0-9a-f]{64})|:(?<tag>\w[\w.-]{0,127}))$/;

export const explainCommand: OwnCommand = {
  description: 'Says what an error code means and what to do; or why prune would delete or keep an image',
  operands: 'CODE | IMAGE:TAG | IMAGE@DIGEST',
  options: {
    policy: { description: 'Policy whose retention decides about the image', value: 'FILE' },
    json: { description: 'As JSON' },
  },
  run: async ({ operands, value, has }) => {
    const [subject] = operands;
    if (subject === undefined || operands.length > 1) {
      throw new UsageError('Nothing says what to explain', 'Try "plimsoll explain verify-untrusted".');
    }
    if (isErrorCode(subject)) return explainCode(subject, has('json'));
    return explainImage(subject, [...optional('--policy', value('policy')), ...(has('json') ? ['--json'] : [])]);
  },
};

function isErrorCode(word: string): word is ErrorCode {
  return Object.hasOwn(ERROR_CODES, word);
}

function explainCode(code: ErrorCode, json: boolean): number {
  const [meaning, advice] = [ERROR_CODES[code], ERROR_ADVICE[code]];
  print(json ? JSON.stringify({ code, meaning, advice }, undefined, 2) : `${code}\n\n${meaning}\n\n${advice}`);
  return 0;
}

function optional(option: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [option, value];
}

/** The plan of prune, asked about one tag or digest; nothing is deleted. */
function explainImage(subject: string, options: readonly string[]): Promise<number> {
  const { package: address, digest, tag } = IMAGE.exec(subject)?.groups ?? {};
  if (address?.includes('/') !== true) throw unknownSubject(subject);
  const about = ['--package', address, '--mode', 'plan', '--explain', digest ?? tag ?? ''];
  return actionCommand('prune', [...about, ...options]);
}

function unknownSubject(subject: string): UsageError {
  const meant = nearest(subject, Object.keys(ERROR_CODES));
  return new UsageError(
    `"${subject}" is no error code, and no image with a tag or a digest`,
    meant === undefined ? 'Write "ghcr.io/owner/name:tag" for an image.' : `Did you mean "${meant}"?`,
  );
}
