/**
 * As `Promise.all`, but waits until every promise has ended before it throws the first failure in
 * the order given: nothing is left running that still uses what the caller is about to remove.
 */
export async function settled<T extends readonly unknown[]>(
  promises: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const ends = await Promise.allSettled(promises);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return Promise.all(promises);
}
