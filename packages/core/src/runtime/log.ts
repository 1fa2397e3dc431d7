/** A place in a file of the user's repository, for annotations. */
export interface Place {
  /** Path relative to the workspace, or absolute. */
  readonly file: string;
  /** One-based. */
  readonly line?: number;
}

/** How far a run is. It is of use only at the moment, so it never stands in a log. */
export type News =
  | { readonly kind: 'stage'; readonly name: string }
  | {
      readonly kind: 'transfer';
      /** Bytes. */
      readonly moved: number;
      readonly total: number;
      /** Bytes per second. */
      readonly rate: number;
      /** Seconds; absent as long as nobody knows. */
      readonly remaining?: number;
    };

/** Where a stage tells a person what it does. The runner, a terminal and a test each implement it. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  notice(text: string, place?: Place): void;
  warning(text: string, place?: Place): void;
  error(text: string, place?: Place): void;
  /** Runs `body` inside a collapsible group; the group ends also when `body` throws. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
  /** Where somebody watches a terminal; then lines that only say how far it is are not written. */
  readonly live?: ((news: News) => void) | undefined;
}

/** Says nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  notice() {},
  warning() {},
  error() {},
  group: (_title, body) => body(),
};
