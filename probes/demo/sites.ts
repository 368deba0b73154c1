export interface DemoSite {
  code: string;
  kind: string;
  name: string;
  /** Administrative parent; null for the top. */
  parent: string | null;
}

/** Columns of sites.csv that the demonstration reads, in the order in which they come first in it. */
const columns = ["code", "kind", "name", "parent_code"];

/** Reads the shipped sites.csv, which has no quoted cells; parents come before children. */
export function readDemoSites(csv: string): DemoSite[] {
  const [header = "", ...rows] = csv.split(/\r?\n/).filter((row) => row !== "");
  if (!header.startsWith(`${columns.join(",")},`) || csv.includes('"')) {
    throw new Error(`sites.csv is not as the demonstration knows it: ${columns.join(", ")} first, no quotes`);
  }
  return rows.map((row) => {
    const [code, kind, name, parent] = row.split(",") as [string, string, string, string];
    return { code, kind, name, parent: parent === "" ? null : parent };
  });
}

/** The same file with the top and some kecamatan alone; `only` empty: all of it. */
export function keepKecamatan(csv: string, only: readonly string[]): string {
  if (only.length === 0) return csv;
  const [header = "", ...rows] = csv.split(/\r?\n/);
  const kept = rows.filter((row) => {
    const code = row.split(",", 1)[0]!;
    return code.split(".").length === 2 || only.some((one) => code === one || code.startsWith(`${one}.`));
  });
  return `${[header, ...kept].join("\n")}\n`;
}
