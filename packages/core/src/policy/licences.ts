import * as v from 'valibot';
import { words } from './words.ts';

/** Which licences packages may have. */
export interface LicenceRules {
  /** SPDX ids, `*` for anything; when there are any, everything else is refused. */
  readonly allow: readonly string[];
  /** SPDX ids, `*` for anything; refused even when allowed. */
  readonly deny: readonly string[];
  /** What becomes of a package that states no licence. */
  readonly unknown: 'pass' | 'block';
}

const list = (text: string) => v.pipe(v.optional(v.array(words), []), v.description(text));

/** The `scan.licences` section of the policy file. */
export const licencesSection = v.strictObject({
  allow: list('SPDX ids, * for anything, such as MIT or BSD-*. When there are any, every other licence blocks.'),
  deny: list('SPDX ids, * for anything, such as AGPL-*, that block even when they are allowed.'),
  unknown: v.optional(
    v.pipe(v.picklist(['pass', 'block']), v.description('What becomes of a package that states no licence.')),
    'pass',
  ),
});

/**
 * Whether a licence expression (SPDX 2.3, annex D) is refused: of `A OR B` one acceptable side is enough, of `A AND B` both
 * have to be. What cannot be parsed is refused when anything in it is denied, and has to be allowed as it stands.
 */
export function isRefused(expression: string, rules: LicenceRules): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  const parser = new Expression(tokens, (id) => accepts(id, rules));
  return !(parser.parse() ?? acceptsText(expression.trim(), rules));
}

function accepts(id: string, { allow, deny }: LicenceRules): boolean {
  // An exception only permits more than the licence it belongs to.
  const names = [id, id.split(/\s+WITH\s+/i, 1)[0] ?? id];
  const within = (patterns: readonly string[]) => patterns.some((each) => names.some((name) => matches(each, name)));
  return !within(deny) && (allow.length === 0 || within(allow));
}

function acceptsText(text: string, { allow, deny }: LicenceRules): boolean {
  const parts = [text, ...text.split(NO_ID).filter((part) => part !== '')];
  if (deny.some((each) => parts.some((part) => matches(each, part)))) return false;
  // Who allows BSD-* does not mean "BSD-3-Clause, GPL-3.0-only".
  return allow.length === 0 || allow.some((each) => each === '*' || matches(each, text, ID_CHARACTERS));
}

/** What an id of SPDX is made of, with what stands before that of another document. */
const ID_CHARACTERS = '[A-Za-z0-9.+:-]';
const ID = new RegExp(`^${ID_CHARACTERS}+$`);
const NO_ID = /[^A-Za-z0-9.+:-]+/;
/** Deeper than anybody writes by hand. */
const DEEPEST = 100;

function matches(pattern: string, id: string, anything = '.'): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join(`${anything}*`);
  return new RegExp(`^${source}$`, 'is').test(id);
}

/** OR binds weakest, then AND, then WITH. */
class Expression {
  readonly #tokens: readonly string[];
  readonly #accepts: (id: string) => boolean;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], judge: (id: string) => boolean) {
    this.#tokens = tokens;
    this.#accepts = judge;
  }

  /** `undefined` for what is no expression. */
  parse(): boolean | undefined {
    const value = this.#either();
    return this.#at === this.#tokens.length ? value : undefined;
  }

  #either(): boolean | undefined {
    let value = this.#both();
    while (this.#take('OR')) {
      const other = this.#both();
      value = value === undefined || other === undefined ? undefined : value || other;
    }
    return value;
  }

  #both(): boolean | undefined {
    let value = this.#one();
    while (this.#take('AND')) {
      const other = this.#one();
      value = value === undefined || other === undefined ? undefined : value && other;
    }
    return value;
  }

  #one(): boolean | undefined {
    if (this.#take('(')) return this.#inside();
    const id = this.#tokens[this.#at];
    if (id === undefined || !ID.test(id)) return undefined;
    this.#at += 1;
    if (!this.#take('WITH')) return this.#accepts(id);
    const exception = this.#tokens[this.#at];
    this.#at += 1;
    return exception === undefined ? undefined : this.#accepts(`${id} WITH ${exception}`);
  }

  #inside(): boolean | undefined {
    if (this.#depth === DEEPEST) return undefined;
    this.#depth += 1;
    const value = this.#either();
    this.#depth -= 1;
    return this.#take(')') ? value : undefined;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }
}
