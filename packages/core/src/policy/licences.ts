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
 * have to be. What cannot be parsed is compared as it stands.
 */
export function isRefused(expression: string, rules: LicenceRules): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  const parser = new Expression(tokens, (id) => accepts(id, rules));
  return !(parser.parse() ?? accepts(expression.trim(), rules));
}

function accepts(id: string, { allow, deny }: LicenceRules): boolean {
  // An exception only permits more than the licence it belongs to.
  const names = [id, id.split(/\s+WITH\s+/i, 1)[0] ?? id];
  const within = (patterns: readonly string[]) => patterns.some((each) => names.some((name) => matches(each, name)));
  return !within(deny) && (allow.length === 0 || within(allow));
}

function matches(pattern: string, id: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${source}$`, 'i').test(id);
}

/** OR binds weakest, then AND, then WITH. */
class Expression {
  readonly #tokens: readonly string[];
  readonly #accepts: (id: string) => boolean;
  #at = 0;

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
    if (this.#take('(')) {
      const value = this.#either();
      return this.#take(')') ? value : undefined;
    }
    const id = this.#tokens[this.#at];
    if (id === undefined || id === ')') return undefined;
    this.#at += 1;
    if (!this.#take('WITH')) return this.#accepts(id);
    const exception = this.#tokens[this.#at];
    this.#at += 1;
    return exception === undefined ? undefined : this.#accepts(`${id} WITH ${exception}`);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }
}
