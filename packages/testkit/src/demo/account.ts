import { styleText } from 'node:util';
import { seconds } from '@plimsoll/core/report/stage-line';

type Style = Parameters<typeof styleText>[0];

/** Tells the story of the demo on standard output, in colour only on a terminal. */
export class Account {
  readonly #started = Date.now();
  readonly #colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  #proofs = 0;

  title(text: string): void {
    this.#write('', this.#style('bold', text));
  }

  /** A line of explanation. */
  say(text: string): void {
    this.#write(`  ${text}`);
  }

  /** A line that an action printed about one of its stages. */
  stage(line: string): void {
    this.#write(`  ${line.replace('✔', this.#style('green', '✔'))}`);
  }

  /** Shows the lines in which an action says that a stage has ended, as they come. */
  follow(): (text: string) => void {
    let rest = '';
    return (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('✔ ')) this.stage(line);
    };
  }

  /** Does one step of ours and prints how long it took. */
  async step<T>(name: string, text: string, body: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const result = await body();
    this.stage(`✔ ${name.padEnd(9)} ${text} (${seconds(Date.now() - started)})`);
    return result;
  }

  /** Something that a tool which is not ours confirmed. */
  proof(tool: string, text: string): void {
    this.#proofs += 1;
    this.stage(`✔ ${tool.padEnd(9)} ${text}`);
  }

  get proofs(): number {
    return this.#proofs;
  }

  get elapsed(): string {
    return seconds(Date.now() - this.#started);
  }

  #write(...lines: string[]): void {
    process.stdout.write(`${lines.join('\n')}\n`);
  }

  #style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text) : text;
  }
}
