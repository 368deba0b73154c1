import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Language } from "../report/language.ts";
import { reportKinds, reportName } from "../report/monthly/monthly-report.ts";
import { askCollector } from "./ask-collector.ts";
import type { AskOptions } from "./ask-collector.ts";

/** What is said of months and their issues. */
export interface SlaTexts {
  issued: (number: string, digest: string) => string;
  /** A file of that name holds something else. */
  otherFile: (path: string) => string;
  pending: (number: string, links: readonly string[], month: string) => string;
}

export interface ExplainCommand {
  link: string;
  month: string;
  /** Number of the issue; null: the last one. */
  issue: string | null;
}

export interface ReportCommand {
  month: string;
  issue: string | null;
  /** Folder for the files. */
  out: string;
}

export interface IssueCommand {
  month: string;
}

/** The arithmetic of a link's month, as lines. */
export async function explainLink(
  { link, month, issue }: ExplainCommand,
  language: Language,
  asking: AskOptions,
): Promise<string> {
  const query = queryOf({ period: month, lang: language, issue });
  const path = `/api/v1/sla/${encodeURIComponent(link)}/explain?${query}`;
  const { data } = (await (await askCollector(path, asking)).json()) as { data: string[] };
  return data.join("\n");
}

/** Issues a month, or its correction; answers what to tell. */
export async function issueMonth(
  { month }: IssueCommand,
  texts: SlaTexts,
  asking: AskOptions,
): Promise<string> {
  const response = await askCollector("/api/v1/sla/issues", asking, { month });
  const { data } = (await response.json()) as { data: { number: string; digest: string } };
  return texts.issued(data.number, data.digest);
}

/**
 * Writes the monthly report in each of its kinds, all or none, under the names that the collector gives them: each issue has its own.
 * What was signed is not overwritten: a file of that name with other bytes is an error. Answers what to tell: the paths, and
 * whether the month has changed since it was issued.
 */
export async function fetchReport(
  { month, issue, out }: ReportCommand,
  texts: SlaTexts,
  asking: AskOptions,
): Promise<string[]> {
  const files: [path: string, bytes: Uint8Array][] = [];
  for (const kind of reportKinds) {
    const response = await askCollector(
      `/api/v1/reports/${reportName(month, kind)}?${queryOf({ issue })}`,
      asking,
    );
    files.push([join(out, fileNameOf(response)), new Uint8Array(await response.arrayBuffer())]);
  }
  const said = issue === null ? await pendingOf(month, texts, asking) : [];
  for (const [path, bytes] of files)
    if (!isProvisional(path) && existsSync(path) && !readFileSync(path).equals(bytes))
      throw new Error(texts.otherFile(path));
  mkdirSync(out, { recursive: true });
  for (const [path, bytes] of files) writeFileSync(path, bytes);
  return [...files.map(([path]) => path), ...said];
}

/** Files of a month that was not issued are drafts, and new ones take their place. */
const isProvisional = (path: string) => /-sementara\.[a-z]+$/.test(path);

/** The name that the collector gives the file; nothing of a path. */
function fileNameOf(response: Response): string {
  const [, name] = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "") ?? [];
  if (name === undefined || name !== basename(name) || name.startsWith("."))
    throw new Error(`the collector gave the file no name that can be used: ${name ?? "(none)"}`);
  return name;
}

/** Whether a correction of the month would say something else now. */
async function pendingOf(month: string, texts: SlaTexts, asking: AskOptions): Promise<string[]> {
  const response = await askCollector(`/api/v1/sla?${queryOf({ period: month })}`, asking);
  const { meta } = (await response.json()) as {
    meta: { issue: { number: string } | null; pending: { link: string }[] };
  };
  if (meta.issue === null || meta.pending.length === 0) return [];
  return [
    texts.pending(
      meta.issue.number,
      meta.pending.map(({ link }) => link),
      month,
    ),
  ];
}

function queryOf(values: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
  return new URLSearchParams(given).toString();
}
