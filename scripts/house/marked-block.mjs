// Text between markers in a Markdown file, rewritten without touching what people wrote around it.

/** @param {string} name */
const opening = (name) => `<!-- generated: ${name} -->`;
const CLOSING = '<!-- end generated -->';

/**
 * Replaces what stands between `<!-- generated: name -->` and the next `<!-- end generated -->`.
 * @param {string} text
 * @param {string} name
 * @param {string} body
 */
export function replaceBlock(text, name, body) {
  const start = text.indexOf(opening(name));
  const end = text.indexOf(CLOSING, start);
  if (start === -1 || end === -1) throw new Error(`the markers "${opening(name)}" and "${CLOSING}" are missing`);
  return `${text.slice(0, start + opening(name).length)}\n\n${body.trim()}\n\n${text.slice(end)}`;
}

/**
 * An empty block to be filled.
 * @param {string} name
 */
export function emptyBlock(name) {
  return `${opening(name)}\n\n${CLOSING}\n`;
}
