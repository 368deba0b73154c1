import type { ComparedFault, Comparison } from "./compare.ts";
import type { DemoInventory } from "./inventory.ts";
import type { Demo, DemoStep } from "./run-demo.ts";
import type { DemoTexts } from "./texts.ts";

/** What is printed once the history is there. */
export function showDemo(demo: Demo, comparison: Comparison, texts: DemoTexts): string {
  const { fleet, tookMs, collector, inventory } = demo;
  const seconds = Math.max(1, Math.round(tookMs / 1000));
  const figures = { rounds: fleet.rounds(), batches: fleet.batches(), seconds };
  const megabytes = (fleet.bytesSent() / 1e6).toLocaleString(texts.numbers, { maximumFractionDigits: 1 });
  return [
    "",
    texts.simulated,
    texts.delivered({ ...figures, megabytes }),
    "",
    showComparison(comparison, inventory, texts),
    "",
    `${texts.page}: ${collector.address}/`,
    `${texts.reach}: ${collector.address}/layanan-aduan`,
    `${texts.adminKey}: ${collector.adminKey}`,
    "",
    texts.live,
    "",
  ].join("\n");
}

/** The script and what the collector made of it, as one table. */
function showComparison(
  { faults, unscripted }: Comparison,
  inventory: DemoInventory,
  texts: DemoTexts,
): string {
  const rows = faults.map((compared) => rowOf(compared, inventory, texts));
  return [align([texts.columns, ...rows]), texts.unscripted(unscripted.length)].join("\n");
}

function rowOf(compared: ComparedFault, { sites }: DemoInventory, texts: DemoTexts): string[] {
  const { fault, expected, found, causes, roots, saidCauses, edgeErrorS, open } = compared;
  const name = sites.find(({ code }) => code === fault.site)!.name;
  const minutes = Math.round((fault.endMs - fault.startMs) / 60_000);
  const said = causes === "wrong" && saidCauses.length > 0 ? ` (${saidCauses.join(", ")})` : "";
  return [
    timeOf(fault.startMs),
    `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}${open ? ` ${texts.stillOpen}` : ""}`,
    `${name} ${fault.site}`,
    texts.kinds[fault.kind],
    expected === 0 ? texts.judged.none : `${found}/${expected}`,
    `${texts.judged[causes]}${said}`,
    texts.judged[roots],
    edgeErrorS === null ? "" : `${Math.round(edgeErrorS)} s`,
  ];
}

function timeOf(ms: number): string {
  const parts = { timeZone: "Asia/Makassar", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat("id", { ...parts, month: "short" }).format(ms);
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), 0),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function showStep(step: DemoStep, texts: DemoTexts): string {
  switch (step.name) {
    case "enrolled":
      return texts.enrolling(step.count, step.of);
    case "delivered":
      return texts.delivering(Math.floor(step.doneRatio * 100), step.rounds);
    case "settling":
      return texts.settling;
  }
}
