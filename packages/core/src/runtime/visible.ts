/** What ends a line for somebody: CommonMark takes a lone carriage return, browsers and editors take the others. */
const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/** Control characters, and those that turn the direction of what follows (Unicode Standard Annex 9). */
const UNSEEN = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const PICTURES = 0x24_00;
const DELETE = 0x7f;

/**
 * Text from elsewhere in which nothing works unseen: every line end is a line feed, and a control character is its picture
 * (`␛`) or its number.
 */
export function visible(text: string): string {
  return text.replaceAll(LINE_ENDS, '\n').replaceAll(UNSEEN, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20) return String.fromCodePoint(PICTURES + point);
    if (point === DELETE) return '␡';
    return `[U+${point.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}
