import { expect, it } from 'vitest';
import { policyReferenceDocument } from './policy-reference.mjs';

const { content } = policyReferenceDocument();

it('has a section for every section of the policy', () => {
  expect([...content.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual(
    expect.arrayContaining(['scan', 'verify', 'tags', 'retention', 'limits']),
  );
});

it('has a row with values and default for keys at any depth', () => {
  expect(content).toMatch(/^\| `severity` \|.*`HIGH`.*\| `\["HIGH","CRITICAL"\]` \|$/m);
  expect(content).toMatch(/^\| `suppressions\[\]\.reason` \|.*\| text \| \*\*required\*\* \|$/m);
  expect(content).toMatch(/^\| `channels\[\]\.keep\.last` \|.*\| whole number \|/m);
});

it('does not repeat the keys of a section for packages', () => {
  expect(content).toContain('| `packages[].match` |');
  expect(content).not.toContain('`packages[].channels');
});
