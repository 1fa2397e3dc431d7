import { describe, expect, it } from 'vitest';
import { Licences, statedLicences } from './spdx-licence.ts';

describe('the declared licence of a package', () => {
  it.each([
    [[], 'NOASSERTION'],
    [['  '], 'NOASSERTION'],
    [['MIT'], 'MIT'],
    [['MIT', 'MIT '], 'MIT'],
    [['MIT', 'Apache-2.0'], 'MIT AND Apache-2.0'],
    [['MIT OR Apache-2.0'], 'MIT OR Apache-2.0'],
    [['MIT OR Apache-2.0', 'Zlib'], '(MIT OR Apache-2.0) AND Zlib'],
    [['GPL-2.0-or-later WITH Classpath-exception-2.0'], 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
    [['as is, mostly', 'MIT'], 'LicenseRef-1-as-is-mostly AND MIT'],
  ])('of %j is %s', (stated, expected) => {
    expect(new Licences().declared(stated)).toBe(expected);
  });

  it('explains each text that SPDX does not know, once', () => {
    const licences = new Licences();
    expect(licences.declared(['custom'])).toBe('LicenseRef-1-custom');
    expect(licences.declared(['own', 'custom'])).toBe('LicenseRef-2-own AND LicenseRef-1-custom');
    expect(licences.extracted.map(({ extractedText }) => extractedText)).toEqual(['custom', 'own']);
  });

  it('tells ids from expressions and from any other text', () => {
    const licences = new Licences();
    expect(['MIT', 'GPL-2.0+', '(MIT OR Zlib)', 'mit', ''].map((text) => licences.formOf(text))).toEqual([
      'id',
      'expression',
      'expression',
      'text',
      'text',
    ]);
    expect(statedLicences([' a', 'a', ''])).toEqual(['a']);
  });
});
