import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../report/language.ts";
import { reportKinds, reportName } from "../report/monthly/monthly-report.ts";
import { askCollector } from "./ask-collector.ts";
import type { AskOptions } from "./ask-collector.ts";

export interface ExplainCommand {
  link: string;
  month: string;
}

export interface ReportCommand {
  month: string;
  /** Folder for the files. */
  out: string;
}

/** The arithmetic of a link's month, as lines. */
export async function explainLink(
  { link, month }: ExplainCommand,
  language: Language,
  asking: AskOptions,
): Promise<string> {
  const query = new URLSearchParams({ period: month, lang: language }).toString();
  const path = `/api/v1/sla/${encodeURIComponent(link)}/explain?${query}`;
  const { data } = (await (await askCollector(path, asking)).json()) as { data: string[] };
  return data.join("\n");
}

/** Writes the monthly report in each of its kinds, all or none; answers the paths. */
export async function fetchReport({ month, out }: ReportCommand, asking: AskOptions): Promise<string[]> {
  const files: [path: string, bytes: Uint8Array][] = [];
  for (const kind of reportKinds) {
    const name = reportName(month, kind);
    const response = await askCollector(`/api/v1/reports/${name}`, asking);
    files.push([join(out, name), new Uint8Array(await response.arrayBuffer())]);
  }
  mkdirSync(out, { recursive: true });
  for (const [path, bytes] of files) writeFileSync(path, bytes);
  return files.map(([path]) => path);
}
