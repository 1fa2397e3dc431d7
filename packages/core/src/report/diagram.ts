/** How a box of a diagram is drawn: what it says went well, badly, did not happen, or is only a fact. */
export type BoxState = 'good' | 'bad' | 'idle' | 'fact';

export interface Box {
  /** One line each; plain text. */
  readonly lines: readonly string[];
  readonly state: BoxState;
}

/** An arrow between two boxes, by their place in the list. */
export type Arrow = readonly [from: number, to: number];

/**
 * Boxes and arrows from left to right. It is drawn twice: as mermaid in the job summary, and as SVG in a page
 * that needs no script.
 */
export interface Diagram {
  /** What it shows, for those who do not see it. */
  readonly title: string;
  readonly boxes: readonly Box[];
  /** Without loops. */
  readonly arrows: readonly Arrow[];
}
