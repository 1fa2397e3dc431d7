import type { News } from '@plimsoll/core/runtime/log';
import { type Doing, liveLine, type TransferNews } from './live-line.ts';

/** A terminal, as far as it is needed. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Takes back the line that is being written (ECMA-48, "EL"). */
const ERASE = '\r\u001b[K';
const EVERY = 100;
const USUAL_WIDTH = 80;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether somebody sees a line being redrawn: not in a file, not in CI, and not on a terminal that cannot take a line back. */
export function canDraw(screen: Screen, env: Environment): boolean {
  return screen.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
}

/** Log lines above, and one line below them that says what is under way, redrawn until the end. */
export class LiveScreen {
  readonly #screen: Screen;
  readonly #colour: boolean;
  readonly #timer: NodeJS.Timeout;
  #stage: string;
  #began = Date.now();
  #transfer: TransferNews | undefined;
  #frame = 0;

  /** @param stage what is under way until a stage says its name */
  constructor(screen: Screen, { stage, env }: { readonly stage: string; readonly env: Environment }) {
    this.#screen = screen;
    this.#stage = stage;
    // no-color.org: whatever it says, as long as it says something.
    this.#colour = !env['NO_COLOR'];
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), EVERY);
  }

  say(line: string): void {
    this.#screen.write(`${ERASE}${line}\n`);
    this.#draw();
  }

  tell(news: News): void {
    if (news.kind === 'transfer') this.#transfer = news;
    else [this.#stage, this.#began, this.#transfer] = [news.name, Date.now(), undefined];
    this.#draw();
  }

  /** Leaves the log alone on the screen. */
  end(): void {
    clearInterval(this.#timer);
    this.#screen.write(ERASE);
  }

  #draw(): void {
    const doing: Doing = { stage: this.#stage, elapsed: Date.now() - this.#began, transfer: this.#transfer };
    const style = { width: this.#screen.columns || USUAL_WIDTH, colour: this.#colour, frame: this.#frame++ };
    this.#screen.write(ERASE + liveLine(doing, style));
  }
}
