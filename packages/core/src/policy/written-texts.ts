import { type Document, isAlias, isMap, isScalar, visit } from 'yaml';

/**
 * Makes texts of the values in some maps, as they were written: `1.20` stays so, and does not become the number 1.2.
 * Null stays null, which nobody writes for a text. The document itself is changed.
 *
 * @param keys under which the maps stand, at any depth
 */
export function keepWrittenTexts(document: Document, keys: readonly string[]): void {
  const resolved = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  visit(document, {
    Pair(_index, { key, value }) {
      const map = isScalar(key) && keys.includes(String(key.value)) ? resolved(value) : undefined;
      if (!isMap(map)) return;
      for (const pair of map.items) keepWritten(resolved(pair.value));
    },
  });
}

function keepWritten(node: unknown): void {
  if (!isScalar(node) || node.source === undefined) return;
  if (typeof node.value === 'number' || typeof node.value === 'boolean') node.value = node.source;
}
