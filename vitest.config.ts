import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/in-memory.ts', 'tests/shared-postgres.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    pool: 'forks',
    // No module has a state, so that files can share a process: loading all anew for each took a sixth of the run.
    isolate: false,
    // A machine of CI may be busy with other things: what only came late is asked again.
    retry: process.env['CI'] ? 2 : 0,
    expect: { poll: { timeout: 20_000 } },
  },
});
