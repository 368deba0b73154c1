import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { tempDir } from "./support/temp-dir.ts";

/*
 * design.md §3: who may import whom. Each arrow is drawn the wrong way once, in a copy of the rooms, and the linter with
 * this project's own rules has to refuse it.
 */

const project = fileURLToPath(new URL("..", import.meta.url));
const linter = join(project, "node_modules/.bin/oxlint");

const pure = ["outage", "relation"];
/** For each room of src/ the rooms that it may import, besides itself. */
const arrows: Record<string, string[]> = {
  wire: [],
  inventory: ["wire"],
  series: ["wire", "inventory"],
  state: ["wire", "inventory", "outage", "series"],
  outage: ["wire", "inventory"],
  relation: ["wire", "inventory", "outage"],
  ingest: ["wire", "inventory", "series", "state"],
  watch: ["wire", "inventory", "outage", "series", "state"],
  notify: ["wire", "inventory", "outage", "relation", "state"],
  report: ["wire", "inventory", "outage", "relation", "series", "state"],
  http: ["wire", "inventory", "outage", "relation", "series", "state", "ingest", "watch", "report", "notify"],
  metrics: ["wire", "inventory", "outage", "series", "state", "watch", "report", "notify"],
  pages: ["wire", "inventory", "outage", "relation", "watch", "report"],
};
const rooms = Object.keys(arrows);

interface Case {
  file: string;
  text: string;
  refused: boolean;
}

const from = (file: string, what: string, refused: boolean): Case => ({
  file,
  text: `import { thing } from "${what}";\n\nexport const used = thing;\n`,
  refused,
});

const cases: Case[] = [
  ...rooms.flatMap((room) =>
    rooms
      .filter((other) => other !== room)
      .map((other) => {
        const what = other === "wire" ? "#wire/thing.ts" : `../${other}/thing.ts`;
        return from(`src/${room}/to-${other}.ts`, what, !arrows[room]!.includes(other));
      }),
  ),
  ...pure.flatMap((room) =>
    ["node:fs", "node:fs/promises", "node:net", "node:child_process", "node:sqlite", "node:os"].map((what) =>
      from(`src/${room}/io-${what.replace(/\W/g, "-")}.ts`, what, true),
    ),
  ),
  ...["watch", "ingest", "http", "report", "notify", "metrics"].flatMap((room) => [
    from(`src/${room}/engine-series.ts`, "../series/sqlite-series.ts", true),
    from(`src/${room}/engine-state.ts`, "../state/sqlite.ts", true),
  ]),
  ...rooms.map((room) => from(`src/${room}/root.ts`, "../app.ts", true)),
  ...rooms.map((room) => from(`src/${room}/agent.ts`, "../../probes/agent.ts", true)),
  from("src/app.ts", "./state/sqlite.ts", false),
  from("src/app-too.ts", "./http/thing.ts", false),
  from("probes/good.ts", "#wire/thing.ts", false),
  from("probes/state.ts", "../src/state/thing.ts", true),
  from("probes/wire-by-path.ts", "../src/wire/thing.ts", true),
  from("probes/icmp/deeper.ts", "../../src/inventory/thing.ts", true),
  from("dashboards/good.ts", "./lib/thing.ts", false),
  from("dashboards/src.ts", "../src/http/thing.ts", true),
  from("dashboards/lib/src.ts", "../../src/wire/thing.ts", true),
  from("dashboards/probes.ts", "../probes/agent.ts", true),
  from("src/report/extension.ts", "./thing.js", true),
  from("probes/extension.ts", "./thing.js", true),
];

const dir = tempDir();
let refused: Map<string, string>;

beforeAll(() => {
  copyFileSync(join(project, ".oxlintrc.json"), dir.file(".oxlintrc.json"));
  writeFileSync(dir.file("package.json"), '{"type":"module","imports":{"#wire/*":"./src/wire/*"}}');
  for (const { file, text } of cases) {
    mkdirSync(dirname(dir.file(file)), { recursive: true });
    writeFileSync(dir.file(file), text);
  }
  const { stdout, stderr } = spawnSync(linter, ["--format", "json"], { cwd: dir.path, encoding: "utf8" });
  if (!stdout.includes("diagnostics")) throw new Error(`the linter did not run: ${stderr}`);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; message: string; help?: string }[];
  };
  refused = new Map(
    diagnostics
      .filter(({ code }) => code.includes("no-restricted-imports"))
      .map(({ filename, message, help }) => [filename, help ?? message]),
  );
});
afterAll(() => dir[Symbol.dispose]());

describe("the linter", () => {
  it("knows every room of the house", () => {
    const folders = readdirSync(join(project, "src"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(
      folders
        .map(({ name }) => name)
        // Parts of the program that only its arguments lead to, and those that app.ts is put together of.
        .filter((name) => name !== "command" && name !== "replay" && name !== "compose" && name !== "config")
        .sort(),
    ).toEqual([...rooms].sort());
  });

  it("refuses every arrow that is not in the house, with a word on why", () => {
    const wrong = cases.filter((one) => one.refused && !refused.has(one.file)).map(({ file }) => file);
    expect(wrong).toEqual([]);
    expect([...refused.values()].filter((message) => message.trim() === "")).toEqual([]);
    expect(refused.get("src/outage/to-state.ts")).toContain("outage/ may import only: inventory, wire");
  });

  it("lets every arrow of the house pass", () => {
    expect(cases.filter((one) => !one.refused && refused.has(one.file)).map(({ file }) => file)).toEqual([]);
  });
});
