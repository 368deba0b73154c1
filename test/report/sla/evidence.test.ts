import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../support/needs.ts";
import { seededRandom, whole } from "../../support/random.ts";
import { openVillages, verify, villages } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
const those = villages(6);
const months = Array.from({ length: 12 }, (_, month) => `2028-${String(month + 1).padStart(2, "0")}`);
let http: Awaited<ReturnType<typeof openVillages>>;

beforeAll(async () => {
  http = await openVillages(those);
});
afterAll(() => http[Symbol.dispose]());

async function packOf(link: string, month: string): Promise<string> {
  const response = await http.request(`/api/v1/sla/${link}/evidence?period=${month}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Disposition")).toBe(
    `attachment; filename="bukti-${link}-${month}-sementara.jsonl"`,
  );
  return response.text();
}

const linesOf = (pack: string) =>
  pack
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown> & { type: string });

describe.skipIf(lacking !== null)(`an evidence pack${lacking === null ? "" : `: ${lacking}`}`, () => {
  it("is recomputed to the last figure by the script of the documentation, for every rule and month", async () => {
    const packs: string[] = [];
    for (const { link } of those) for (const month of months) packs.push(await packOf(link, month));
    const { status, said, beside } = verify(packs);
    expect(said.filter((line) => !line.startsWith("OK: "))).toEqual([]);
    expect([status, said.length]).toEqual([0, 72]);
    // One of them was measured around its outages; of the others the rounds are given up.
    const sum = (of: RegExp) => beside.reduce((total, line) => total + Number(of.exec(line)?.[1] ?? 0), 0);
    expect(sum(/ rounds that were lost: (\d+);/)).toBeGreaterThan(20);
    expect(sum(/ kept no more: (\d+)$/)).toBeGreaterThan(100);
  }, 300_000);

  it("holds the outages with their rounds from both ends, the exclusions and the terms", async () => {
    const records = linesOf(await packOf(those[0]!.link, "2028-01"));
    const of = (type: string) => records.filter((record) => record.type === type);
    expect(of("terms")[0]).toMatchObject({ contract: "c0", slaRatio: those[0]!.year.terms.slaRatio });
    expect(of("outage").length).toBeGreaterThan(2);
    const [{ counts }] = of("figures") as unknown as [{ counts: { blipMs: number } }];
    expect(counts.blipMs).toBeGreaterThan(0);
    const [first] = of("outage") as unknown as {
      ids: string[];
      table: { id: string; evidence: unknown[] }[];
    }[];
    expect(first!.table.map(({ id }) => id)).toEqual(first!.ids);
    const rounds = of("rounds").filter(({ outage }) => outage === 0);
    expect(rounds.map(({ seenFrom }) => seenFrom).toSorted()).toEqual(["elsewhere", "site"]);
    for (const { rounds: all, answered } of rounds) {
      expect(answered as number).toBeGreaterThan(0);
      expect(all as number).toBeGreaterThan(answered as number);
    }
  });

  it("holds the exclusions that the contract accepts, with who says so, and no other", async () => {
    let found = 0;
    for (const { link, year } of those) {
      for (const month of ["2028-01", "2028-02"]) {
        const told = linesOf(await packOf(link, month)).filter(({ type }) => type === "exclusion");
        for (const { kind, author } of told) {
          expect(year.terms.excludes).toContain(kind);
          expect(author).toBe("BPBD");
          found += 1;
        }
      }
    }
    expect(found).toBeGreaterThan(5);
  });

  it("shows one changed byte, wherever it is", async () => {
    const pack = Buffer.from(await packOf(those[0]!.link, "2028-01"));
    const random = seededRandom(8);
    const places = [
      0,
      pack.length - 1,
      pack.length - 3,
      ...Array.from({ length: 40 }, () => whole(random, pack.length)),
    ];
    const changed = places.map((at) => {
      const other = Buffer.from(pack);
      // Another byte of the same kind: a digit stays a digit, so that the line stays JSON where it can.
      const was = other[at]!;
      other[at] = was >= 48 && was <= 57 ? 48 + ((was - 48 + 1) % 10) : was ^ 1;
      return other;
    });
    const { status, said } = verify(changed);
    expect(said.filter((line) => !line.startsWith("WRONG: "))).toEqual([]);
    expect([status, said.length]).toEqual([1, places.length]);
  }, 300_000);

  it("shows figures that do not follow, though the chain was made anew over them", async () => {
    const pack = await packOf(those[1]!.link, "2028-03");
    const forge = (change: (record: Record<string, unknown>) => void) => {
      let prev = "0".repeat(64);
      const lines = linesOf(pack).map((record) => {
        change(record);
        const line = JSON.stringify({ ...record, prev });
        prev = createHash("sha256").update(line).digest("hex");
        return line;
      });
      return `${lines.join("\n")}\n`;
    };
    expect(verify([forge(() => {})]).status).toBe(0);
    const cheaper = forge((record) => {
      if (record.type === "terms") record.monthlyFeeIdr = 1;
    });
    expect(verify([cheaper])).toMatchObject({ status: 1 });
    const shorter = forge((record) => {
      if (record.type === "outage" && record.index === 0) record.lengthMs = 0;
    });
    expect(verify([shorter]).said[0]).toContain("outage 0, lengthMs");
  });
});

describe("evidence of what there is not", () => {
  it("is refused by name", async () => {
    const refused = async (path: string) => {
      const response = await http.request(path);
      return [response.status, ((await response.json()) as { detail: string }).detail];
    };
    expect(await refused("/api/v1/sla/none/evidence?period=2028-01")).toEqual([
      404,
      "there is no link none in 2028-01; /api/v1/links has them",
    ]);
    expect(await refused(`/api/v1/sla/${those[0]!.link}/evidence?period=2031-01`)).toEqual([
      400,
      'period: "2031-01" is not allowed; expected a month that has begun, such as 2026-10',
    ]);
  });
});
