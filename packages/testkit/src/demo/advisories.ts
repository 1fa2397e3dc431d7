import type { Advisory } from '../world/databases/advisory.ts';

/**
 * What the demo's vulnerability databases know. The first is real and is what the unsafe twin carries; the
 * second is below what the default policy blocks, so that a passing scan has something to show.
 */
export const DEMO_ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2022-32149',
    title: 'golang.org/x/text/language: denial of service by a crafted Accept-Language header',
    severity: 'HIGH',
    affected: [{ ecosystem: 'Go', package: 'golang.org/x/text', fixed: '0.3.8' }],
  },
];
