import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make the timing tests flaky.
    maxWorkers: 2,
    // Other machines' load comes and goes on shared hardware; a real fault fails twice.
    retry: process.env.CI ? 1 : 0,
  },
});
