import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policySchemaDocument } from './policy-schema.mjs';

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(policySchemaDocument().content) as object);

describe('schema/policy.schema.json', () => {
  it.each([
    ['{}', true],
    ['scan: { severity: [HIGH], suppressions: [{ id: a, reason: b, expires: 2026-01-01 }] }', true],
    ['scan: { severty: [HIGH] }', false],
    ['scan: { suppressions: [{ id: a, reason: b }] }', false],
    ['retention: { channels: [{ name: dev, match: ["dev-*"], keep: { last: 3 } }] }', true],
    ['limits: { image-size: 5 }', false],
  ])('says of %j: %j', (text, expected) => {
    expect(validate(parse(text))).toBe(expected);
  });
});
