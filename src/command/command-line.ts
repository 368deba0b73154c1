import { parseArgs } from "node:util";
import { isDay } from "../inventory/holidays.ts";
import { ablations } from "../replay/ablation.ts";
import type { Ablation } from "../replay/ablation.ts";
import type { ComplaintsCommand } from "./complaints.ts";
import type { ReplayCommand } from "./replay.ts";
import type { ExplainCommand, IssueCommand, ReportCommand } from "./sla.ts";
import { pingMethods } from "./telegraf-ping.ts";
import type { PingMethod } from "./telegraf-ping.ts";

/** Somebody called the command in a way that it does not know: exit code 2. */
export class UsageError extends Error {
  readonly code = "usage";
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export type Command =
  | { name: "help" | "version" | "check" | "key" | "series adopt" }
  /** `agentSite`: run an agent of this site beside the collector; `root`: of the district's own office; null: none. */
  | { name: "start"; agentSite: string | null }
  | { name: "init"; yes: boolean }
  | { name: "backup" | "restore"; file: string }
  | ({ name: "replay" } & ReplayCommand)
  | ({ name: "complaints import" } & ComplaintsCommand)
  | ({ name: "sla explain" } & ExplainCommand)
  | ({ name: "sla issue" } & IssueCommand)
  | ({ name: "report" } & ReportCommand)
  /** `server`: where the box reaches the collector; null: publicUrl. */
  | { name: "agents telegraf"; site: string; server: string | null; method: PingMethod };

const options = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  "with-agent": { type: "boolean" },
  site: { type: "string" },
  yes: { type: "boolean", short: "y" },
  server: { type: "string" },
  method: { type: "string" },
  out: { type: "string" },
  "final-only": { type: "boolean" },
  "send-every": { type: "string" },
  ablate: { type: "string" },
  "dry-run": { type: "boolean" },
  "good-lines": { type: "boolean" },
  from: { type: "string" },
  to: { type: "string" },
  issue: { type: "string" },
} as const;

/** Reads the arguments of `sambung`. Throws UsageError, naming what was given and what is allowed. */
export function readCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...rest] = positionals;
  if (name === "replay") return readReplay(rest, values);
  for (const option of ["final-only", "ablate", "send-every"] as const) {
    if (values[option] !== undefined) throw new UsageError(`--${option} goes with replay`);
  }
  if (name === "report") return readReport(rest, values.out ?? ".", readNumber(values.issue));
  if (values.out !== undefined) throw new UsageError("--out goes with replay or report");
  if (name === "sla") return readSla(rest, readNumber(values.issue));
  if (values.issue !== undefined) throw new UsageError("--issue goes with report or sla explain");
  if (name === "complaints")
    return readComplaints(rest, {
      dryRun: values["dry-run"] ?? false,
      goodLines: values["good-lines"] ?? false,
      days: readDays(values.from, values.to),
    });
  for (const option of ["dry-run", "good-lines", "from", "to"] as const) {
    if (values[option] !== undefined) throw new UsageError(`--${option} goes with complaints import`);
  }
  if (name === "agents") return readAgents(rest, values.server ?? null, values.method ?? "native");
  for (const option of ["server", "method"] as const) {
    if (values[option] !== undefined) throw new UsageError(`--${option} goes with agents telegraf`);
  }
  if (name === "backup" || name === "restore") {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0)
      throw new UsageError(`${name} ${rest.join(" ")}: expected the path of one file`);
    return { name, file };
  }
  if (name === "series") {
    if (rest.join(" ") !== "adopt") throw new UsageError(`series ${rest.join(" ")}: expected series adopt`);
    return { name: "series adopt" };
  }
  if (rest.length > 0) throw new UsageError(`${rest[0]}: not expected after ${name}`);
  switch (name) {
    case "start":
      if (values.site !== undefined && !values["with-agent"])
        throw new UsageError("--site goes with --with-agent");
      return { name, agentSite: values["with-agent"] ? (values.site ?? "root") : null };
    case "init":
      return { name, yes: values.yes ?? false };
    case "check":
    case "key":
      return { name };
    default:
      throw new UsageError(
        `${name ?? "(nothing)"}: expected start, init, check, key, backup, restore, series, agents, complaints, sla, report or replay`,
      );
  }
}

function readAgents(words: readonly string[], server: string | null, given: string): Command {
  const [action, site, ...rest] = words;
  if (action !== "telegraf")
    throw new UsageError(`agents ${action ?? "(nothing)"}: expected agents telegraf <site>`);
  if (site === undefined || rest.length > 0)
    throw new UsageError(`agents telegraf ${words.slice(1).join(" ")}: expected the code of one site`);
  const method = pingMethods.find((known) => known === given);
  if (method === undefined) throw new UsageError(`--method ${given}: expected ${pingMethods.join(" or ")}`);
  if (server !== null && !(/^https?:\/\/\S+$/.test(server) && URL.canParse(server)))
    throw new UsageError(`--server ${server}: expected an http or https address`);
  return { name: "agents telegraf", site, server, method };
}

function readDays(from: string | undefined, to: string | undefined): ComplaintsCommand["days"] {
  if (from === undefined && to === undefined) return null;
  if (from === undefined || to === undefined || !isDay(from) || !isDay(to) || from >= to)
    throw new UsageError(
      `--from ${from ?? "(nothing)"} --to ${to ?? "(nothing)"}: expected two days such as 2026-10-01 and 2026-11-01`,
    );
  return { from, to };
}

function readComplaints(words: readonly string[], how: Omit<ComplaintsCommand, "file">): Command {
  const [action, file, ...rest] = words;
  if (action !== "import" || file === undefined || rest.length > 0)
    throw new UsageError(`complaints ${action ?? "(nothing)"}: expected complaints import <file>`);
  return { name: "complaints import", file, ...how };
}

function readSla(words: readonly string[], issue: string | null): Command {
  const [action, ...rest] = words;
  const [link, month, ...more] = rest;
  if (action === "explain" && link !== undefined && month !== undefined && more.length === 0)
    return { name: "sla explain", link, month: readMonth(month), issue };
  if (action !== "issue" || link === undefined || month !== undefined)
    throw new UsageError(
      `sla ${words.join(" ")}: expected sla explain <link> <month such as 2026-10>, or sla issue <month>`,
    );
  if (issue !== null) throw new UsageError("--issue goes with report or sla explain");
  return { name: "sla issue", month: readMonth(link) };
}

function readReport(words: readonly string[], out: string, issue: string | null): Command {
  const [month, ...rest] = words;
  if (month === undefined || rest.length > 0)
    throw new UsageError(`report ${words.join(" ")}: expected report <month such as 2026-10>`);
  return { name: "report", month: readMonth(month), out, issue };
}

function readNumber(text: string | undefined): string | null {
  if (text === undefined || /^SLA-20\d\d-(0[1-9]|1[0-2])(-K\d{1,4})?$/.test(text)) return text ?? null;
  throw new UsageError(`--issue ${text}: expected the number of an issue such as SLA-2026-10-K1`);
}

function readMonth(text: string): string {
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new UsageError(`${text}: expected a month such as 2026-10`);
}

function readReplay(words: readonly string[], values: ReturnType<typeof parse>["values"]): Command {
  const [folder, ...rest] = words;
  if (folder === undefined || rest.length > 0)
    throw new UsageError(`replay ${words.join(" ")}: expected the folder of one scenario`);
  const without = (values.ablate ?? "").split(",").filter((word) => word !== "");
  for (const word of without)
    if (!isAblation(word)) throw new UsageError(`--ablate ${word}: expected ${ablations.join(", ")}`);
  return {
    name: "replay",
    folder,
    out: values.out ?? null,
    finalOnly: values["final-only"] ?? false,
    sendEveryMs: readSendEvery(values["send-every"]),
    without: new Set(without.filter(isAblation)),
  };
}

function readSendEvery(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,4}$/.test(text) || Number(text) > 86_400)
    throw new UsageError(`--send-every ${text}: expected whole seconds from 1 to 86400`);
  return Number(text) * 1000;
}

const isAblation = (word: string): word is Ablation => ablations.some((known) => known === word);

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
