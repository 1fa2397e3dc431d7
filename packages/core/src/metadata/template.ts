import { nearest } from '../runtime/nearest.ts';

/** What stands between `{{` and `}}`: a name, then texts in quotes, then options such as `tz='UTC'`. */
export interface Call {
  readonly name: string;
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** The value of one expression. @throws Error with a reason fit for a person */
export type Expression = (call: Call) => string;
export type Expressions = Readonly<Record<string, Expression>>;

const TAG = /\{\{([^{}]*)\}\}/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)/;
const ARGUMENT = /^\s+(?:([A-Za-z_]+)=)?(?:'([^']*)'|"([^"]*)")/;

/**
 * Replaces each `{{expression}}` of a text. This is the part of Handlebars that tags need: no blocks, no helpers
 * inside helpers, no escaping.
 *
 * @throws Error that names the syntax or the expression that is not known
 */
export function render(template: string, expressions: Expressions): string {
  // Two closing braces alone are text, as in nested JSON.
  const broken = /\{\{\{[^\n]{0,40}/.exec(template) ?? /\{\{[^\n]{0,40}/.exec(template.replaceAll(TAG, ''));
  if (broken !== null) throw new Error(`"${broken[0]}" is not supported: write {{name}} with two braces on each side`);
  return template.replaceAll(TAG, (whole, body: string) => evaluate(whole, body.trim(), expressions));
}

/** An expression that takes no arguments. */
export function constant(value: string | (() => string)): Expression {
  return ({ name, words, options }) => {
    if (words.length > 0 || Object.keys(options).length > 0) throw new Error(`{{${name}}} takes no arguments`);
    return typeof value === 'string' ? value : value();
  };
}

function evaluate(whole: string, body: string, expressions: Expressions): string {
  const call = parseCall(body);
  if (call === undefined) {
    throw new Error(`"${whole}" is not supported: only {{name}}, with texts in quotes behind the name, is`);
  }
  const expression = Object.hasOwn(expressions, call.name) ? expressions[call.name] : undefined;
  if (expression !== undefined) return expression(call);
  const meant = nearest(call.name, Object.keys(expressions));
  throw new Error(
    `there is no expression {{${call.name}}}${meant === undefined ? '' : `; did you mean {{${meant}}}?`}`,
  );
}

function parseCall(body: string): Call | undefined {
  const name = NAME.exec(body)?.[0];
  if (name === undefined) return undefined;
  const words: string[] = [];
  const options: Record<string, string> = {};
  let rest = body.slice(name.length);
  for (let found = ARGUMENT.exec(rest); found !== null; found = ARGUMENT.exec(rest)) {
    const text = found[2] ?? found[3] ?? '';
    if (found[1] === undefined) words.push(text);
    else options[found[1]] = text;
    rest = rest.slice(found[0].length);
  }
  return rest.trim() === '' ? { name, words, options } : undefined;
}
