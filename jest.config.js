// Two projects: `unit` is pure and fast; `integration` shares one real control
// plane, which its global set-up starts and its global tear-down stops; `osv` boots real
// guests, and is skipped, visibly, where OSV_KERNEL names no kernel.
const common = {
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' } }],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
};

// Some of the tests say nothing about all of the domain: only a full run is measured.
const full = process.argv.length === 2;

export default {
  maxWorkers: 2,
  // For what never ends; how long something takes is the benchmarks' business.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/support/summary-reporter.js'],
  // Decisions are pure, so that every branch of theirs can be tested.
  collectCoverage: full,
  collectCoverageFrom: ['src/domain/**/*.ts'],
  coverageReporters: ['text-summary', 'json-summary'],
  ...(full ? { coverageThreshold: { global: { branches: 95 } } } : {}),
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
    { ...common, displayName: 'osv', testMatch: ['<rootDir>/test/osv/**/*.test.ts'] },
  ],
};
