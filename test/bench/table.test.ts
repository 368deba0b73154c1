import { describe, expect, it } from "vitest";
import { quantile, rowOf, showTable } from "./table.ts";

describe("the table of the benchmarks", () => {
  it("says of a value whether it keeps its mark, on either side", () => {
    expect(rowOf("a", 14, "B", { atMost: 14 }).met).toBe(true);
    expect(rowOf("a", 14.1, "B", { atMost: 14 }).met).toBe(false);
    expect(rowOf("b", 50_000, "", { atLeast: 50_000 }).met).toBe(true);
    expect(rowOf("b", 49_999, "", { atLeast: 50_000 }).met).toBe(false);
    expect(rowOf("c", 1, "ms").met).toBeNull();
  });

  it("shows a missed mark as such", () => {
    const table = showTable([rowOf("bytes", 23.46, "B", { atMost: 14 }), rowOf("time", 2_500, "ms")]);
    expect(table.split("\n").slice(1)).toEqual(["bytes    23.5 B    ≤ 14  MISSED", "time     2,500 ms"]);
  });

  it("takes quantiles by nearest rank, in whatever order the values come", () => {
    const values = [5, 1, 4, 2, 3];
    expect(quantile(values, 0.5)).toBe(3);
    expect(quantile(values, 0.95)).toBe(5);
    expect(quantile(values, 0)).toBe(1);
  });
});
