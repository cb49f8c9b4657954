import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/shared-postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    pool: 'forks',
    // A machine of CI may be busy with other things: what only came late is asked again.
    retry: process.env['CI'] ? 2 : 0,
    expect: { poll: { timeout: 20_000 } },
  },
});
