import parse from 'spdx-expression-parse';

/** A licence that SPDX's list does not have, by the name that a document gives it. */
export interface ExtractedLicence {
  readonly licenseId: string;
  readonly extractedText: string;
  readonly name: string;
}

/** What packages state as their licence: an id of SPDX's list, an expression of such (SPDX 2.3, annex D), or any text. */
export type LicenceForm = 'id' | 'expression' | 'text';

/** The licences of one document; each text is parsed once. */
export class Licences {
  readonly #forms = new Map<string, LicenceForm>();
  readonly #extracted = new Map<string, ExtractedLicence>();

  /** Those that {@link declared} named and the document has to explain. */
  get extracted(): readonly ExtractedLicence[] {
    return [...this.#extracted.values()];
  }

  formOf(text: string): LicenceForm {
    const form = this.#forms.get(text) ?? parsedForm(text);
    this.#forms.set(text, form);
    return form;
  }

  /** The licences of a package as one SPDX expression; what is none of SPDX's becomes a `LicenseRef-`. */
  declared(licences: readonly string[]): string {
    const parts = statedLicences(licences);
    if (parts.length === 0) return 'NOASSERTION';
    return parts.map((text) => this.#part(text, parts.length > 1)).join(' AND ');
  }

  #part(text: string, isOneOfSeveral: boolean): string {
    const form = this.formOf(text);
    if (form === 'text') return this.#reference(text);
    return form === 'expression' && isOneOfSeveral ? `(${text})` : text;
  }

  #reference(text: string): string {
    const known = this.#extracted.get(text);
    if (known !== undefined) return known.licenseId;
    const name = text.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 60);
    const licenseId = `LicenseRef-${this.#extracted.size + 1}-${name}`;
    this.#extracted.set(text, { licenseId, extractedText: text, name: text.slice(0, 100) });
    return licenseId;
  }
}

/** Each once, without those that say nothing. */
export function statedLicences(licences: readonly string[]): readonly string[] {
  return [...new Set(licences.map((text) => text.trim()).filter((text) => text !== ''))];
}

function parsedForm(text: string): LicenceForm {
  try {
    const parsed = parse(text);
    return 'license' in parsed && parsed.license === text ? 'id' : 'expression';
  } catch {
    return 'text';
  }
}
