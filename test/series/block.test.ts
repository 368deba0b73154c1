import { describe, expect, it } from "vitest";
import { readBlock, toBlocks } from "../../src/series/block.ts";
import type { Block } from "../../src/series/block.ts";
import { decodeChunk } from "../../src/series/chunk.ts";
import type { IcmpRounds } from "../../src/series/series-store.ts";

const startMs = 1_763_785_200_000;

const icmp = (series: number, rows: number, fromMs: number): { series: number; rounds: IcmpRounds } => ({
  series,
  rounds: {
    key: `64.08/${series}`,
    kind: "icmp",
    timeMs: Array.from({ length: rows }, (_, row) => fromMs + row * 30_000),
    sent: Array.from({ length: rows }, () => 5),
    recv: Array.from({ length: rows }, () => 5),
    rttUs: Array.from({ length: 5 * rows }, (_, i) => 20_000 + 370 * (i % 5)),
  },
});

const readAll = (blocks: readonly Block[]) =>
  blocks
    .flatMap(({ firstMs, data }) => [...readBlock(firstMs, data)])
    .map(({ series, firstMs, chunk }) => ({
      series,
      rounds: decodeChunk(`64.08/${series}`, "icmp", firstMs, chunk),
    }));

describe("blocks", () => {
  it("give back the rounds of every series, whatever their order and starts", () => {
    const parts = [icmp(300, 2, startMs + 9_000), icmp(7, 1, startMs), icmp(301, 3, startMs + 60_000)];
    const blocks = toBlocks(parts);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ firstMs: startMs, spanMs: 120_000 });
    expect(readAll(blocks)).toEqual(parts);
  });

  it.each([
    ["a minute of ten targets", 10, 2, 1],
    ["five minutes, cut so that no row takes a page more", 16, 10, 2],
    ["an hour, left whole", 10, 120, 1],
  ])("hold %s", (_, series, rows, count) => {
    const parts = Array.from({ length: series }, (_, index) => icmp(index + 1, rows, startMs + index));
    const blocks = toBlocks(parts);
    expect(blocks).toHaveLength(count);
    if (count > 1) for (const { data } of blocks) expect(data.length).toBeLessThan(1_000);
    expect(readAll(blocks)).toEqual(parts);
  });
});
