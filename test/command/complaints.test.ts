import { writeFileSync } from "node:fs";
import { createAdaptorServer } from "@hono/node-server";
import type { Server } from "node:net";
import { describe, expect, it } from "vitest";
import { importComplaintsFile } from "../../src/command/complaints.ts";
import { commandTexts } from "../../src/command/texts.ts";
import { openTestHttp } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { tempDir } from "../support/temp-dir.ts";

const columns = "Tracking ID,Tanggal,Wilayah,Kanal,Topik\n";

/** The command over HTTP, against the collector's own routes. */
async function importOf(lines: string, more: { goodLines?: boolean; days?: [string, string] } = {}) {
  using http = await openTestHttp();
  using folder = tempDir();
  await using door = await listen(createAdaptorServer({ fetch: http.app.fetch }) as Server);
  const file = folder.file("aduan.csv");
  writeFileSync(file, `${columns}${lines}`);
  const [from, to] = more.days ?? [];
  return await importComplaintsFile({
    file,
    dryRun: false,
    goodLines: more.goodLines ?? false,
    days: from === undefined || to === undefined ? null : { from, to },
    collector: `http://127.0.0.1:${door.port}`,
    key: await http.addKey("writer", ["complaints"]),
    maxFileBytes: 1_048_576,
    language: "en",
    texts: commandTexts.en.complaints,
  });
}

describe("sambung complaints import", () => {
  const good = "7654321,2026-03-04,Desa Atas,Website,Listrik\n";
  const bad = "7654322,2026-03-05,Nowhere,Website,Listrik\n";

  it("says which days the file speaks of", async () => {
    expect(await importOf(good)).toMatch(
      /^1 lines, 0 refused\. It speaks of 2026-03-04 to 2026-03-04\. Cases: 1 new/,
    );
    expect(await importOf(good, { days: ["2026-03-01", "2026-04-01"] })).toContain(
      "2026-03-01 to 2026-03-31",
    );
    expect(await importOf("")).toContain("It speaks of no day.");
  });

  it("fails where every line was refused, and names them", async () => {
    expect(await importOf(good + bad, { goodLines: true })).toContain("2 lines, 1 refused");
    await expect(importOf(bad, { goodLines: true })).rejects.toThrow(
      /^nothing was stored: every line was refused\n- line 2, column 3 \(C\): area is not known/,
    );
    await expect(importOf(good, { days: ["2026-02-01", "2026-03-01"] })).rejects.toThrow(
      /^nothing was stored \(422\)\n- line 2, column 2 \(B\): day received is outside of the days/,
    );
  });
});
