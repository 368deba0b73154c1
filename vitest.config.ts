import { defineConfig } from "vitest/config";

// Tests run on Node's own loader: what Node refuses (enums, './x.js' for x.ts) must fail here too.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    experimental: { viteModuleRunner: false },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    fileParallelism: true,
    maxWorkers: 2,
  },
});
