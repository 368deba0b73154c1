import { describe, expect, it } from "vitest";
import { readCommandLine, UsageError } from "../../src/command/command-line.ts";
import type { Command } from "../../src/command/command-line.ts";

describe("the arguments of sambung", () => {
  it.each<[string, Command]>([
    ["start", { name: "start", agentSite: null }],
    ["start --with-agent", { name: "start", agentSite: "root" }],
    ["start --with-agent --site 64.08.05", { name: "start", agentSite: "64.08.05" }],
    ["init", { name: "init", yes: false }],
    ["init --yes", { name: "init", yes: true }],
    ["init -y", { name: "init", yes: true }],
    ["check", { name: "check" }],
    ["key", { name: "key" }],
    ["series adopt", { name: "series adopt" }],
    [
      "replay a/b",
      { name: "replay", folder: "a/b", out: null, finalOnly: false, sendEveryMs: null, without: new Set() },
    ],
    [
      "replay a --out r.json --final-only --ablate tree,noc",
      {
        name: "replay",
        folder: "a",
        out: "r.json",
        finalOnly: true,
        sendEveryMs: null,
        without: new Set(["tree", "noc"] as const),
      },
    ],
    [
      "agents telegraf 64.08.05.2001",
      { name: "agents telegraf", site: "64.08.05.2001", server: null, method: "native" },
    ],
    [
      "agents telegraf 64.08 --server https://x.example --method exec",
      { name: "agents telegraf", site: "64.08", server: "https://x.example", method: "exec" },
    ],
    [
      "complaints import a.csv",
      { name: "complaints import", file: "a.csv", dryRun: false, goodLines: false, days: null },
    ],
    [
      "complaints import a.xlsx --dry-run --good-lines",
      { name: "complaints import", file: "a.xlsx", dryRun: true, goodLines: true, days: null },
    ],
    [
      "complaints import a.csv --from 2026-10-01 --to 2026-11-01",
      {
        name: "complaints import",
        file: "a.csv",
        dryRun: false,
        goodLines: false,
        days: { from: "2026-10-01", to: "2026-11-01" },
      },
    ],
    [
      "sla explain 64.08.05-1 2026-10",
      { name: "sla explain", link: "64.08.05-1", month: "2026-10", issue: null },
    ],
    [
      "sla explain a 2026-10 --issue SLA-2026-10",
      { name: "sla explain", link: "a", month: "2026-10", issue: "SLA-2026-10" },
    ],
    ["sla issue 2026-10", { name: "sla issue", month: "2026-10" }],
    ["report 2026-10", { name: "report", month: "2026-10", issue: null, out: "." }],
    [
      "report 2026-10 --out a/b --issue SLA-2026-10-K1",
      { name: "report", month: "2026-10", issue: "SLA-2026-10-K1", out: "a/b" },
    ],
    ["--help", { name: "help" }],
    ["start -h", { name: "help" }],
    ["--version", { name: "version" }],
  ])("%s", (line, command) => {
    expect(readCommandLine(line.split(" "))).toEqual(command);
  });

  it.each([
    ["", "(nothing)"],
    ["run", "run: expected start"],
    ["start here", "here: not expected after start"],
    ["start --out a", "--out goes with replay or report"],
    ["sla", "expected sla explain <link> <month such as 2026-10>"],
    ["sla explain a", "expected sla explain <link> <month such as 2026-10>"],
    ["sla explain a 2026-13", "2026-13: expected a month such as 2026-10"],
    ["sla issue", "expected sla explain <link> <month such as 2026-10>, or sla issue <month>"],
    ["sla issue 2026-10 x", "or sla issue <month>"],
    ["sla issue 2026-10 --issue SLA-2026-10", "--issue goes with report or sla explain"],
    ["check --issue SLA-2026-10", "--issue goes with report or sla explain"],
    ["report 2026-10 --issue K1", "--issue K1: expected the number of an issue such as SLA-2026-10-K1"],
    ["report", "expected report <month such as 2026-10>"],
    ["report october", "october: expected a month such as 2026-10"],
    ["start --site 64.08", "--site goes with --with-agent"],
    ["start --site", "--site"],
    ["agents telegraf", "expected the code of one site"],
    ["agents telegraf a b", "expected the code of one site"],
    ["agents telegraf 64.08 --server ftp://x", "--server ftp://x"],
    ["start --server http://x", "--server goes with agents telegraf"],
    ["--verbose", "--verbose"],
    ["replay", "expected the folder of one scenario"],
    ["replay a --ablate rain", "--ablate rain: expected tree, power, clock, noc, edges"],
    ["check --out x", "--out goes with replay"],
    ["complaints", "complaints (nothing): expected complaints import <file>"],
    ["complaints import", "expected complaints import <file>"],
    ["complaints import a b", "expected complaints import <file>"],
    ["start --dry-run", "--dry-run goes with complaints import"],
    ["check --from 2026-10-01", "--from goes with complaints import"],
    ["complaints import a.csv --from 2026-10-01", "--to (nothing): expected two days"],
    ["complaints import a.csv --from 2026-10-01 --to 2026-09-31", "expected two days"],
    ["check --good-lines", "--good-lines goes with complaints import"],
  ])("'%s' is refused, and what was wrong is named", (line, message) => {
    const read = () => readCommandLine(line === "" ? [] : line.split(" "));
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});
