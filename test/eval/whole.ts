import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { replay } from "../../src/replay/replay.ts";
import { toLiveResult } from "../../src/replay/result.ts";
import type { LiveResult } from "../../src/replay/result.ts";
import { readScenario } from "../../src/replay/scenario.ts";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import { runCollectorPath } from "./collector-path.ts";

const usage = `npm run eval:whole -- FOLDER... [options]

What "sambung replay" says was known while it happened, beside what the collector's own stores, watch and planner tell of
the same records. Minutes for a day of 40 sites; scenarios of the evaluation's generator, of few days. Writes whole.json
and replay.json into each folder, for the scorer.

  --send-every S             agents collect their rounds instead of sending each at once

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { "send-every": { type: "string" } },
  });
  if (positionals.length === 0) throw new ToolUsageError("expected the folder of a scenario");
  const every = values["send-every"];
  if (every !== undefined && !/^[1-9]\d*$/.test(every))
    throw new ToolUsageError(`--send-every ${every}: expected whole seconds from 1`);
  const sendEveryMs = every === undefined ? null : Number(every) * 1000;
  for (const folder of positionals) {
    const { result: fast, table } = replay(folder, {
      finalOnly: false,
      sendEveryMs,
      without: new Set(),
      onProgress: () => undefined,
    });
    const whole = toLiveResult(await runCollectorPath(folder, sendEveryMs), table, readScenario(folder));
    writeFileSync(join(folder, "replay.json"), JSON.stringify(fast));
    writeFileSync(join(folder, "whole.json"), JSON.stringify({ ...fast, ...whole }));
    process.stdout.write(`${basename(folder)}\n${compare(fast, whole)}\n`);
  }
  return 0;
}

/** Downs and problems of one that the other does not have, and how far apart those are that both have. */
function compare(fast: LiveResult, whole: LiveResult): string {
  const downs = match(
    fast.live_downs.map(([site, knownS, untilS]) => ({ name: site, fromS: knownS, toS: untilS })),
    whole.live_downs.map(([site, knownS, untilS]) => ({ name: site, fromS: knownS, toS: untilS })),
  );
  const problems = match(
    fast.incidents.map(([toldS, kind, root]) => ({ name: `${kind} ${root}`, fromS: toldS, toS: toldS })),
    whole.incidents.map(([toldS, kind, root]) => ({ name: `${kind} ${root}`, fromS: toldS, toS: toldS })),
  );
  return [
    `  downs: ${fast.live_downs.length} by the replay, ${whole.live_downs.length} by the collector; ${say(downs)}`,
    `  problems told: ${fast.incidents.length} and ${whole.incidents.length}; ${say(problems)}`,
    `  causes said with high confidence: ${sayCauses(fast)} by the replay, ${sayCauses(whole)}\n   by the collector`,
  ].join("\n");
}

function sayCauses({ live_causes: { confident, contradicted } }: LiveResult): string {
  const rows = contradicted.map(
    ([knownS, site, service, said, found]) =>
      `\n    ${site} ${service ?? ""} ${Math.round(knownS)}: ${said}, in the end ${found ?? "nothing"}`,
  );
  return `${confident}, later contradicted ${contradicted.length}${rows.join("")}`;
}

interface Moment {
  name: string;
  fromS: number;
  toS: number;
}

/** What both know of within five minutes is the same. */
const sameS = 300;

function match(fast: readonly Moment[], whole: readonly Moment[]) {
  const left = [...whole];
  const apartS: number[] = [];
  const only = fast.filter((one) => {
    const at = left.findIndex(
      ({ name, fromS, toS }) => name === one.name && fromS <= one.toS + sameS && toS >= one.fromS - sameS,
    );
    if (at === -1) return true;
    apartS.push(Math.abs(left.splice(at, 1)[0]!.fromS - one.fromS));
    return false;
  });
  return { apartS, onlyFast: only, onlyWhole: left };
}

function say({ apartS, onlyFast, onlyWhole }: ReturnType<typeof match>): string {
  const alike = apartS.filter((seconds) => seconds <= 5).length;
  const most = apartS.reduce((a, b) => Math.max(a, b), 0);
  const names = (list: readonly Moment[]) =>
    list.map(({ name, fromS, toS }) => `\n    ${name} ${Math.round(fromS)}-${Math.round(toS)}`).join("");
  return (
    `${apartS.length} of both, ${alike} of them within 5 s, ${Math.round(most)} s apart at most` +
    `\n   by the replay alone: ${onlyFast.length}${names(onlyFast)}` +
    `\n   by the collector alone: ${onlyWhole.length}${names(onlyWhole)}`
  );
}

process.exit(await runTool(usage, process.argv.slice(2), main));
