import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './actions.mjs';
import { imagesSchemaDocument } from './images-schema.mjs';

const validate = new Ajv({ strict: false }).compile(JSON.parse(imagesSchemaDocument().content) as object);
const example = readFileSync(path.join(root, 'examples/family/images.yml'), 'utf8');

describe('schema/images.schema.json', () => {
  it.each([
    [example, true],
    ['- { name: a, image: ghcr.io/acme/a, needs: [b], build-args: { PORT: 80 } }', true],
    ['a: { image: ghcr.io/acme/a, contxt: x }', false],
    ['- { image: ghcr.io/acme/a }', false],
    ['a: { context: x }', false],
  ])('says of %j: %j', (text, expected) => {
    expect(validate(parse(text))).toBe(expected);
  });
});
