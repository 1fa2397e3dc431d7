/** What several parts of a run need alike: each thing is made once, and those who ask meanwhile wait for it. */
export class Memory {
  readonly #made = new Map<string, Promise<unknown>>();

  /**
   * @param key - names the thing and everything that it depends on; one key stands for one type
   * @param make - not called when it was called before under this key; a failure is everybody's
   */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made as Promise<T>;
  }
}
