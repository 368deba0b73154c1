import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import type { ShownReport } from "../ingest/complaints/show-report.ts";
import type { Language } from "../report/language.ts";

export interface ComplaintsCommand {
  file: string;
  dryRun: boolean;
  goodLines: boolean;
  /** The days that the export speaks of, [from, to); null: those of its lines. */
  days: { from: string; to: string } | null;
}

export interface ComplaintsTexts {
  noKey: string;
  noCollector: (address: string, why: string) => string;
  noFile: (file: string, why: string) => string;
  tooLarge: (bytes: number, maxBytes: number) => string;
  refused: (status: number, detail: string) => string;
  imported: (report: ShownReport) => string;
  allRefused: string;
  dryRun: string;
}

export interface ComplaintsOptions extends ComplaintsCommand {
  /** Where the collector is asked from here. */
  collector: string;
  key: string;
  maxFileBytes: number;
  language: Language;
  texts: ComplaintsTexts;
}

const timeoutMs = 300_000;

const types: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** Hands a file to the running collector, whose store is its own. Resolves with what to print; throws what was refused, and why. */
export async function importComplaintsFile(options: ComplaintsOptions): Promise<string> {
  const { file, dryRun, goodLines, days, collector, key, language, texts } = options;
  const body = readFile(file, options);
  const url = new URL("/api/v1/complaints", collector);
  url.search = new URLSearchParams({
    mode: goodLines ? "good-lines" : "all-or-nothing",
    dryRun: String(dryRun),
    lang: language,
    ...days,
  }).toString();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": types[extname(file).toLowerCase()] ?? "application/octet-stream",
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(texts.noCollector(collector, why), { cause: error });
  });
  if (!response.ok) throw new Error(await explain(response, texts));
  const { data } = (await response.json()) as { data: ShownReport };
  const lines = data.refusals.map(({ text }) => `- ${text}`);
  // A script that calls this has to learn that nothing came of it.
  if (data.rows > 0 && data.refused === data.rows) throw new Error([texts.allRefused, ...lines].join("\n"));
  return [...(dryRun ? [texts.dryRun] : []), texts.imported(data), ...lines].join("\n");
}

function readFile(file: string, { maxFileBytes, texts }: ComplaintsOptions): Uint8Array<ArrayBuffer> {
  try {
    const { size } = statSync(file);
    if (size > maxFileBytes) throw new Error(texts.tooLarge(size, maxFileBytes));
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(texts.noFile(file, code), { cause: error });
  }
}

/** What a problem document says, with every line that it names; of anything else, its status. */
async function explain(response: Response, texts: ComplaintsTexts): Promise<string> {
  const text = await response.text();
  try {
    const { detail, refusals } = JSON.parse(text) as { detail: string; refusals?: { text: string }[] };
    const lines = (refusals ?? []).map((refusal) => `- ${refusal.text}`);
    return [texts.refused(response.status, lines.length > 0 ? "" : detail), ...lines].join("\n");
  } catch {
    return texts.refused(response.status, "");
  }
}
