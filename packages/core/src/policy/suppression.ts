import { isOver } from './day.ts';

/** A finding that somebody decided to live with, for a stated reason and a limited time; or that others state to be none. */
export interface Suppression {
  /** An advisory id or alias, the rule id of a misconfiguration, a licence, or the fingerprint of a secret. */
  readonly id: string;
  /** Other names of the same advisory. */
  readonly aliases?: readonly string[];
  readonly reason: string;
  /** `YYYY-MM-DD`: the first day, in UTC, on which the suppression no longer holds. Absent in what others state (VEX). */
  readonly expires?: string;
  /** Limits it to one package: its name, or its package URL without version. */
  readonly package?: string;
  /** Limits it to one installed version. */
  readonly version?: string;
  /** Limits it to places of these paths: `*` within a segment, `**` for anything. */
  readonly paths?: readonly string[];
  /** Limits it to one platform of the image, such as `linux/arm64`; what is in the source is on no platform. */
  readonly platform?: string;
  /** Limits it to these platforms of the image. */
  readonly platforms?: readonly string[];
  /** Limits it to platforms of this operating system, such as `debian-12`. */
  readonly distro?: string;
  /** Who said so and where; absent for the policy itself. */
  readonly origin?: string;
  /** When it was stated, as the document has it, empty when it does not tell; only in what others state (VEX). */
  readonly stated?: string;
}

/** An unreadable date counts as expired: a suppression never lasts for ever by mistake. */
export function isExpired(suppression: Suppression, now: Date): boolean {
  if (suppression.expires === undefined) return false;
  return isOver(suppression.expires, now);
}
