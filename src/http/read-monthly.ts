import { createRoute, z } from "@hono/zod-openapi";
import type { Cause } from "../outage/table.ts";
import { writeMonthlyCsv } from "../report/monthly/monthly-csv.ts";
import { writeMonthlyPdf } from "../report/monthly/monthly-pdf.ts";
import { createMonthlyReport, readReportName, reportFile } from "../report/monthly/monthly-report.ts";
import type { MonthlyReport, ReportKind } from "../report/monthly/monthly-report.ts";
import { writeMonthlyXlsx } from "../report/monthly/monthly-xlsx.ts";
import { createApi, refusedWith, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { notFound } from "./problem.ts";
import type { ReadDeps } from "./read-context.ts";
import { checkIssue, issueParam } from "./sla-issue.ts";

const binary = { schema: z.string().openapi({ format: "binary" }) };

const types: Record<ReportKind, string> = {
  pdf: "application/pdf",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8; header=present",
};

const reportRoute = createRoute({
  method: "get",
  path: "/reports/{file}",
  tags: ["sla"],
  summary: "The monthly report: laporan-sla-2026-10.pdf, .xlsx or .csv",
  description:
    "With the figures as they were issued last, or of the issue that is named; of a month that was not issued, provisional ones, which every file says. Content-Disposition has the file's own name: laporan-sla-2026-10.pdf of the first issue, laporan-sla-2026-10-K1.pdf of its correction, laporan-sla-2026-10-sementara.pdf of none.",
  security: withKey,
  request: {
    params: z.object({ file: z.string().openapi({ example: "laporan-sla-2026-10.pdf" }) }),
    query: z.strictObject({ issue: issueParam }),
  },
  responses: {
    200: {
      description: "The file.",
      content: {
        "application/pdf": binary,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": binary,
        "text/csv": { schema: z.string() },
      },
    },
    ...refusedWith(400, 401, 403, 404),
  },
});

export function createMonthlyRoutes({ sla, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(reportRoute, async (c) => {
    const { file } = c.req.valid("param");
    const asked = readReportName(file);
    const { issue } = c.req.valid("query");
    if (asked !== null) await checkIssue(sla, asked.month, issue);
    const month = asked === null ? null : await sla.month(asked.month, true, undefined, issue);
    if (asked === null || month === null)
      throw notFound(
        "there is no such report; expected one such as laporan-sla-2026-10.pdf, of a month that has begun",
      );
    const { district, timeZone, names } = month.about;
    const report = createMonthlyReport(month, {
      district,
      timeZone,
      nameOf: (code) => names[code] ?? code,
      causeText: (cause) => words("id").cause(cause as Cause) ?? cause,
    });
    return c.body(write(report, asked.kind), 200, {
      "Content-Type": types[asked.kind],
      "Content-Disposition": `attachment; filename="${reportFile(report, asked.kind)}"`,
    }) as never;
  });
  return api;
}

function write(report: MonthlyReport, kind: ReportKind): string | Uint8Array<ArrayBuffer> {
  if (kind === "pdf") return writeMonthlyPdf(report);
  return kind === "xlsx" ? writeMonthlyXlsx(report) : writeMonthlyCsv(report);
}
