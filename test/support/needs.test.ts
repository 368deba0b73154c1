import { afterEach, describe, expect, it, vi } from "vitest";
import { needs } from "./needs.ts";

describe("what a test needs", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is satisfied by a command that is there", () => {
    expect(needs({ commands: ["sh"] })).toBeNull();
  });

  it("names what is missing", () => {
    vi.stubEnv("CI", "false");
    expect(needs({ commands: ["sh", "no-such-command"] })).toBe("no command no-such-command");
  });

  it("fails in CI, where nothing may be skipped", () => {
    vi.stubEnv("CI", "true");
    expect(() => needs({ commands: ["no-such-command"] })).toThrow(/no command no-such-command/);
    expect(needs({ commands: ["sh"] })).toBeNull();
  });
});
