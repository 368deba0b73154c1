import type { ImportReport } from "./create-complaints.ts";
import type { Refusal } from "./refusal.ts";
import { describeRefusal } from "./texts.ts";

/** An import as programs get it; `text` is for people. */
export function showReport(report: ImportReport, language: "id" | "en") {
  return { ...report, refusals: showRefusals(report.refusals, language) };
}

export function showRefusals(refusals: readonly Refusal[], language: "id" | "en") {
  return refusals.map(({ code, line, column, name, ...more }) => {
    const text = describeRefusal({ code, line, column, name, ...more }, language);
    return { code, line, column, name, text };
  });
}

export type ShownReport = ReturnType<typeof showReport>;
