import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make the timing tests flaky.
    maxWorkers: 2,
    // Many tests start programs and wait for what these do; a shared machine may stand still meanwhile. A test that fails twice fails.
    retry: process.env.CI ? 1 : 0,
  },
});
