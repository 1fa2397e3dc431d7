/** What was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a person may want to know meanwhile. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
