// schema/scan-report.schema.json: the form of the report that scan writes, which tests hold every report to.
import { toJsonSchema } from '@valibot/to-json-schema';
import { REPORT_PARTS, REPORT_SCHEMA } from '../../packages/core/src/stages/scan/report-schema.ts';

const ID = 'https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/scan-report.schema.json';

/** What `v.custom` is for digests; both algorithms of the OCI image specification. */
const DIGEST = { type: /** @type {const} */ ('string'), pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$' };

/** @returns {{ file: string, content: string }} */
export function reportSchemaDocument() {
  const schema = toJsonSchema(REPORT_SCHEMA, {
    errorMode: 'ignore',
    definitions: REPORT_PARTS,
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? DIGEST : undefined),
  });
  const { $schema, ...rest } = schema;
  const document = { $schema, $id: ID, title: 'Plimsoll scan report, version 1', ...rest };
  return { file: 'schema/scan-report.schema.json', content: `${JSON.stringify(document, null, 2)}\n` };
}
