import { defineConfig } from "vitest/config";

/** `npm run screenshots`: no test, and so in no project of the tests. */
export default defineConfig({
  test: { include: ["test/browser/screenshots.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});
