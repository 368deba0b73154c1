import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { blocksOf, linksOf, readDocument, readDocuments, root, spansOf } from "./documents.ts";
import type { Document } from "./documents.ts";

/* Whatever a document names has to be there: a path, an npm script, a variable of the environment. */

const documents = readDocuments();
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const npmsOwn = ["ci", "cit", "init", "install"];

/** Paths from the root that a document names in backticks. */
function pathsOf(document: Document): string[] {
  return spansOf(document).filter(
    (span) =>
      /^(src|probes|dashboards|test|docs|\.ci)\/[\w./*-]+$/.test(span) || /^\.?[\w-]+\.json$/.test(span),
  );
}

function isThere(path: string): boolean {
  // A star without a slash behind it stands for "and what is below".
  if (path === "src/*") return existsSync(join(root, "src"));
  return path.includes("*") ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path));
}

function sourcesUnder(...folders: string[]): string {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.{ts,yaml}`),
    { cwd: root },
  );
  return [...paths, "docker-compose.yml", "docker-compose.victoria.yml"]
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
}

it("finds the documents", () => {
  const paths = documents.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/api.md"]));
  expect(paths.filter((path) => path.startsWith("docs/decisions/")).length).toBeGreaterThan(5);
});

describe.each(documents)("$path", (document) => {
  it("names paths that exist", () => {
    const named = [...pathsOf(document), ...linksOf(document)];
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  it("names npm scripts that exist, and whose program does", () => {
    const named = [...document.text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test|cit?|init)\b)/g)].map(
      (match) => match[1] ?? match[2]!,
    );
    const own = named.filter((name) => !npmsOwn.includes(name) || name in scripts);
    expect(own.filter((name) => !(name in scripts))).toEqual([]);
    const programs = own.flatMap((name) => /^node (\S+)/.exec(scripts[name] ?? "")?.[1] ?? []);
    expect(programs.filter((program) => !existsSync(join(root, program)))).toEqual([]);
  });

  it("names variables that the programs read", () => {
    const sources = sourcesUnder("src", "probes", "dashboards", "test/eval");
    const named = document.text.match(/\b(SAMBUNG|GRAFANA)_[A-Z_]+\b/g) ?? [];
    expect([...new Set(named)].filter((name) => !sources.includes(name))).toEqual([]);
  });
});

it("describes every variable that the collector and the agent read", () => {
  const read = sourcesUnder("src", "probes").match(/(?<=env\[")SAMBUNG_[A-Z_]+(?="\])/g) ?? [];
  const reference = readDocument("docs/configuration.md").text + readDocument("docs/agent.md").text;
  expect(read.length).toBeGreaterThan(8);
  expect([...new Set(read)].filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
});

it("describes every file that the collector's folder has, in the README's layout", () => {
  const layout = blocksOf(readDocument("README.md")).find(({ text }) => text.startsWith("src/"))!.text;
  const named = layout.split("\n").flatMap((line) => {
    const base = line.startsWith(" ") ? "src" : "";
    return [...line.matchAll(/(?<=^|\s)[\w-]+(\/|\.ts)(?=\s|$)/g)].map(([name]) => join(base, name));
  });
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const folders = globSync("src/*/", { cwd: root });
  expect(folders.filter((folder) => !named.some((path) => join(path, ".") === join(folder, ".")))).toEqual(
    [],
  );
});
