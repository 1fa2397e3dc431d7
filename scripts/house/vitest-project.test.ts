import { describe, expect, it } from 'vitest';
import { countReport } from './vitest-project.mjs';

const report = (passed: number, failed: number, unloadable = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: Array.from({ length: unloadable }, () => ({ status: 'failed', assertionResults: [] })),
});

describe('countReport', () => {
  it('counts tests', () => {
    expect(countReport(report(3, 0), 0)).toEqual({ passed: 3, failed: 0, skipped: 1 });
    expect(countReport(report(3, 2), 1)).toEqual({ passed: 3, failed: 2, skipped: 1 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(countReport(report(3, 0, 1), 1).failed).toBe(1);
  });

  it('takes a bad end, no report and no tests for failures', () => {
    expect(countReport(report(3, 0), 1).failed).toBe(1);
    expect(countReport(undefined, 0).failed).toBe(1);
    expect(countReport(report(0, 0), 0).failed).toBe(1);
  });
});
