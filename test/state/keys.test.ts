import { describe, expect, it } from "vitest";
import { hashKey, isWellFormedKey, keyKinds, keyPrefix, makeKey } from "../../src/state/keys.ts";

describe("keys", () => {
  it("have the form that GitHub's tokens have", () => {
    // The published example: entropy zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ has the checksum 0mLq17.
    expect(isWellFormedKey("sbk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", "sbk")).toBe(true);
    expect(isWellFormedKey("sbk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18", "sbk")).toBe(false);
  });

  it.each(keyKinds)("of kind %s are recognised as that kind alone", (kind) => {
    const key = makeKey(kind);
    expect(key).toMatch(new RegExp(`^${kind}_[0-9A-Za-z]{36}$`));
    expect(keyKinds.filter((other) => isWellFormedKey(key, other))).toEqual([kind]);
  });

  it("differ from one another", () => {
    expect(new Set(Array.from({ length: 100 }, () => makeKey("sbk"))).size).toBe(100);
  });

  it("take each letter equally often: bytes past 4 × 62 are drawn again", () => {
    const bytes = [...Array(8).fill(255), ...Array(22).fill(0)];
    let draws = 0;
    const key = makeKey("sba", () => Uint8Array.from(draws++ === 0 ? bytes : Array(30).fill(61)));
    expect(key.slice(4, 34)).toBe("0".repeat(22) + "z".repeat(8));
    expect(draws).toBe(2);
  });

  it("are stored as SHA-256 and shown by eight characters", () => {
    expect(hashKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(keyPrefix("sbk_zQWBuTSO")).toBe("sbk_zQWB");
  });
});
