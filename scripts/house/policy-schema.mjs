// schema/policy.schema.json: what editors check a policy file against, made from the schema that reads it.
import { toJsonSchema } from '@valibot/to-json-schema';
import { policySchema } from '../../packages/core/src/policy/schema.ts';

const ID = 'https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/policy.schema.json';

/** @returns {{ file: string, content: string }} */
export function policySchemaDocument() {
  // Checks that are code (durations, patterns, dates) have no JSON Schema; the loader makes them.
  const schema = toJsonSchema(policySchema, { typeMode: 'input', errorMode: 'ignore' });
  const { $schema, ...rest } = schema;
  const document = { $schema, $id: ID, title: 'Plimsoll policy, .github/plimsoll.yml', ...rest };
  return { file: 'schema/policy.schema.json', content: `${JSON.stringify(document, null, 2)}\n` };
}
