// schema/images.schema.json: what editors check a family of images against, made from the schema that reads it.
import { toJsonSchema } from '@valibot/to-json-schema';
import { familySchema } from '../../packages/core/src/metadata/family-schema.ts';

const ID = 'https://raw.githubusercontent.com/plimsoll-ci/plimsoll/main/schema/images.schema.json';

/** @returns {{ file: string, content: string }} */
export function imagesSchemaDocument() {
  // What an image needs is looked up by code, which the loader runs.
  const schema = toJsonSchema(familySchema, { typeMode: 'input', errorMode: 'ignore' });
  const { $schema, ...rest } = schema;
  const document = { $schema, $id: ID, title: 'Plimsoll family of images, the input `images`', ...rest };
  return { file: 'schema/images.schema.json', content: `${JSON.stringify(document, null, 2)}\n` };
}
