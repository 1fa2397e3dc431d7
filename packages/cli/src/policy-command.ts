import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPolicyDigest, policyDigest } from '@plimsoll/core/policy/defaults';
import { parsePolicy } from '@plimsoll/core/policy/load';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { parse, stringify } from 'yaml';
import type { OwnCommand } from './own-command.ts';
import { withDefaults } from './policy-defaults.ts';
import { printIdentity } from './policy-identity.ts';
import { failed, print, say } from './streams.ts';
import { UsageError } from './usage-error.ts';

const USUAL = '.github/plimsoll.yml';

export const policyCommand: OwnCommand = {
  description:
    'Checks a policy file and prints what it says with every default filled in; "identity" prints the policy that accepts what this job signs',
  operands: '[FILE | identity]',
  options: { json: { description: 'As JSON' } },
  run: async (asked) => {
    if (asked.operands[0] === 'identity') return printIdentity(process.env, asked.has('json'));
    const file = asked.operands[0] ?? USUAL;
    try {
      const { digest, policy } = readPolicy(file, asked.operands.length > 0);
      print(asked.has('json') ? JSON.stringify({ digest, policy }, undefined, 2) : `# ${digest}\n${stringify(policy)}`);
      return 0;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return failed(error, asked.has('json'));
    }
  },
};

/** The defaults where nobody named a file and the usual one is not there. */
function readPolicy(file: string, named: boolean) {
  if (!existsSync(file)) {
    if (named) throw new UsageError(`There is no ${file}`, `Write it, or leave the name out for ${USUAL}.`);
    say(`There is no ${USUAL} here: these are the defaults.`);
    return { digest: defaultPolicyDigest(), policy: withDefaults({}) };
  }
  const bytes = readFileSync(path.resolve(file));
  parsePolicy(bytes.toString(), file);
  return { digest: policyDigest(bytes), policy: withDefaults(parse(bytes.toString())) };
}
