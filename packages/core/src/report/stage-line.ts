/** `✔ scan      pass, 2 platforms (2.1 s)`: one line when a stage has ended well. */
export function stageLine(stage: string, outcome: string, milliseconds: number): string {
  return `✔ ${stage.padEnd(9)} ${outcome} (${seconds(milliseconds)})`;
}

/** `0.4 s`, `12.3 s`, `3 min 5 s`. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 100_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const whole = Math.round(milliseconds / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
