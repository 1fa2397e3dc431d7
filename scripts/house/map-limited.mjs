// Runs tasks side by side, at most so many at once.

/**
 * @template T, R
 * @param {readonly T[]} items
 * @param {number} limit
 * @param {(item: T) => Promise<R>} task
 * @returns {Promise<R[]>} results in the order of the items
 */
export async function mapLimited(items, limit, task) {
  /** @type {R[]} */
  const results = [];
  const queue = items.entries();
  const drain = async () => {
    for (const [index, item] of queue) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, drain));
  return results;
}
