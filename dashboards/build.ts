import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentsDashboard } from "./agents.ts";
import { collectorDashboard } from "./collector.ts";
import { complaintsDashboard } from "./complaints.ts";
import { districtDashboard } from "./district.ts";
import type { Dashboard } from "./lib/grafana.ts";
import { languages } from "./lib/say.ts";
import type { Language } from "./lib/say.ts";
import { linksDashboard } from "./links.ts";
import { siteDashboard } from "./site.ts";

/*
 * npm run dashboards: writes dashboards/generated. The folder below it becomes the folder in Grafana.
 */

const folders: Record<Language, string> = { id: "Sambung", en: "Sambung (English)" };

/** Every dashboard file, as it is to be on disk: path below `generated` and text. */
export function dashboardFiles(): { path: string; dashboard: Dashboard; text: string }[] {
  return languages.flatMap((language) =>
    [
      { name: "district", dashboard: districtDashboard(language) },
      { name: "site", dashboard: siteDashboard(language) },
      { name: "links", dashboard: linksDashboard(language) },
      { name: "complaints", dashboard: complaintsDashboard(language) },
      { name: "agents", dashboard: agentsDashboard(language) },
      { name: "collector", dashboard: collectorDashboard(language) },
    ].map(({ name, dashboard }) => ({
      path: join(folders[language], `${name}.json`),
      dashboard,
      text: `${JSON.stringify(dashboard, null, 2)}\n`,
    })),
  );
}

export const generatedFolder = join(import.meta.dirname, "generated");

function writeDashboards(): void {
  for (const { path, text } of dashboardFiles()) {
    const file = join(generatedFolder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`${file}\n`);
  }
}

if (import.meta.main) writeDashboards();
