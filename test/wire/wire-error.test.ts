import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showValue, WireError } from "../../src/wire/wire-error.ts";

describe("a value in an error's message", () => {
  it("is its JSON, clipped to 80 characters", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const value: unknown = JSON.parse(text);
        const whole = JSON.stringify(value);
        expect(showValue(value)).toBe(whole.length > 80 ? `${whole.slice(0, 77)}...` : whole);
      }),
    );
  });

  it.each([
    ["arrays", JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), "[".repeat(77)],
    [
      "objects",
      JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
      '{"a":'.repeat(16).slice(0, 77),
    ],
  ])("may be %s nested deeper than JSON can be made of", (_, value: unknown, beginning) => {
    expect(showValue(value)).toBe(`${beginning}...`);
  });

  it("may be what JSON has no word for", () => {
    const values = [undefined, Number.NaN, 5n, () => 1, new Date(0), [undefined], { a: undefined }];
    expect(values.map(showValue)).toEqual([
      "nothing",
      "NaN",
      "5",
      "function",
      '"1970-01-01T00:00:00.000Z"',
      "[null]",
      "{}",
    ]);
  });

  it("stands beside a place that is clipped as well", () => {
    const { field, message } = new WireError(`host.${"k".repeat(1_000_000)}`, 1, "none");
    expect(field).toHaveLength(200);
    expect(message.length).toBeLessThan(300);
  });
});
