import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const run = (file: string, args: readonly string[]) =>
  spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });

describe.each(["test/chaos/main.ts", "test/fuzz/main.ts", "test/slow-link/main.ts"])("%s", (file) => {
  it("says how it is called, and does nothing else", () => {
    const { status, stdout, stderr } = run(file, ["--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Exit codes: 0");
  });

  it.each([
    ["--no-such-option", "--no-such-option"],
    ["--seed=x", "--seed: x is not allowed; expected a whole number"],
  ])("%s is wrong usage, named, and without a stack", (option, message) => {
    const { status, stdout, stderr } = run(file, [option]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).toContain("Exit codes: 0");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
