import path from 'node:path';
import { defineConfig } from 'vitest/config';

const conditions = ['source'];
/** Of the bundles that the tests start; benchmarks start theirs without. */
const compiled = { NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules', '.cache', 'plimsoll-compiled') };
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{packages,actions,scripts,test/bench}/**/*.test.ts'],
          clearMocks: true,
          // Starting a process for each of some 280 files takes longer than the tests in most of them.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        ...shared,
        test: {
          name: 'blackbox',
          include: ['test/blackbox/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          env: compiled,
        },
      },
      {
        ...shared,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
      },
      {
        ...shared,
        test: { name: 'property', include: ['test/property/**/*.test.ts'], testTimeout: 180_000, maxWorkers: 2 },
      },
    ],
  },
});
