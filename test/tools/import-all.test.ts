import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";

const tool = fileURLToPath(new URL("./import-all.ts", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the tool over a folder with these files, or over the project. */
function importAll(files: Record<string, string> | null) {
  using dir = tempDir();
  writeFileSync(dir.file("package.json"), '{"type":"module"}');
  mkdirSync(dir.file("part"));
  for (const [name, text] of Object.entries(files ?? {})) writeFileSync(dir.file(`part/${name}`), text);
  const args = files === null ? [tool] : [tool, dir.file("part")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("npm run imports", () => {
  it("imports all of this project, and starts nothing", () => {
    const { status, stdout, stderr } = importAll(null);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^\d{3,} files import under Node \d+\.\d+\.\d+\n$/);
    expect(stderr).toBe("");
  });

  it("takes what Node can strip", () => {
    const good = {
      "a.ts": 'import { b } from "./b.ts";\nexport const a: number = b;\n',
      "b.ts": "export const b = 1 as number;\n",
    };
    expect(importAll(good)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^2 files/) as unknown,
    });
  });

  it.each([
    ["an enum", "export enum Colour { red }\n"],
    ["a parameter property", "export class A { constructor(readonly b: number) {} }\n"],
    ["a namespace with values", "export namespace A { export const b = 1; }\n"],
    ["the .js of a .ts file", 'import { good } from "./good.js";\nexport const b = good;\n'],
    ["a file without its extension", 'import { good } from "./good";\nexport const b = good;\n'],
    [
      "a type imported as a value",
      'import { Good } from "./good.ts";\nexport const b = (good: Good) => good;\n',
    ],
    ["a file that is not there", 'import "./gone.ts";\n'],
  ])("refuses %s, and names the file", (_, text) => {
    const { status, stdout, stderr } = importAll({
      "bad.ts": text,
      "good.ts": "export interface Good { a: number }\nexport const good: Good = { a: 1 };\n",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("bad.ts: ");
    expect(stdout).toBe("");
  });

  it("does not take an empty folder for a success", () => {
    expect(importAll({}).status).toBe(1);
  });
});
