// schema/prune-plan.schema.json: the form of the plan that prune writes, made from the schema that reads it back.
import { toJsonSchema } from '@valibot/to-json-schema';
import { PLAN_SCHEMA } from '../../packages/core/src/stages/prune/plan-file.ts';

const ID = 'https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/prune-plan.schema.json';

/** What `v.custom` is for digests; both algorithms of the OCI image specification. */
const DIGEST = { type: /** @type {const} */ ('string'), pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$' };

/** @returns {{ file: string, content: string }} */
export function planSchemaDocument() {
  const schema = toJsonSchema(PLAN_SCHEMA, {
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? DIGEST : undefined),
  });
  const { $schema, ...rest } = schema;
  const document = { $schema, $id: ID, title: 'Plimsoll prune plan, version 1', ...rest };
  return { file: 'schema/prune-plan.schema.json', content: `${JSON.stringify(document, null, 2)}\n` };
}
