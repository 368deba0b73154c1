import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const run = (file: string, args: readonly string[]) =>
  spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });

const tools = ["test/chaos/main.ts", "test/fuzz/main.ts", "test/slow-link/main.ts"];

it.each(tools)("%s names a value that it cannot use", (file) => {
  const { status, stderr } = run(file, ["--seed=x"]);
  expect(status).toBe(2);
  expect(stderr).toContain("--seed: x is not allowed; expected a whole number");
});

describe.each([...tools, "test/traces/main.ts"])("%s", (file) => {
  it("says how it is called, and does nothing else", () => {
    const { status, stdout, stderr } = run(file, ["--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Exit codes: 0");
  });

  it("names an option that it does not know, without a stack", () => {
    const { status, stdout, stderr } = run(file, ["--no-such-option"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("--no-such-option");
    expect(stderr).toContain("Exit codes: 0");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
