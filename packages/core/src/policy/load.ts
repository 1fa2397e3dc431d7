import { readYaml } from './located-yaml.ts';
import { type Policy, policySchema } from './schema.ts';

const KIND = {
  schema: policySchema,
  code: 'policy-invalid',
  whole: 'the policy',
  described: 'https://github.com/plimsoll-ci/plimsoll/blob/main/schema/policy.schema.json',
} as const;

/**
 * Reads a policy file.
 * @param fileName as people know it, such as `.github/plimsoll.yml`; for messages
 * @throws PlimsollError `policy-invalid` with file, line and column
 */
export function parsePolicy(text: string, fileName: string): Policy {
  return readYaml(text, fileName, () => KIND).value;
}
