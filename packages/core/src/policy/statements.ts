import type { Suppression } from './suppression.ts';

/**
 * Whether a suppression holds against statements that the same thing is affected. What the repository itself decided does.
 * Of what others state the latest counts, and of what is as old the more specific (OpenVEX specification, "Updating
 * Statements with Inherited Data"); when it cannot be told, what is affected does.
 */
export function holds(clear: Suppression, affected: readonly Suppression[]): boolean {
  return clear.stated === undefined || affected.every((other) => outranks(clear, other));
}

function outranks(clear: Suppression, affected: Suppression): boolean {
  // Not a number where no time is told, which is neither later nor equal.
  const [one, other] = [clear, affected].map(({ stated }) => Date.parse(stated ?? ''));
  if (one === undefined || other === undefined) return false;
  return one > other || (one === other && limits(clear) > limits(affected));
}

function limits({ package: name, version, paths, platform, platforms, distro }: Suppression): number {
  return [name, version, paths ?? platform ?? platforms, distro].filter((limit) => limit !== undefined).length;
}
