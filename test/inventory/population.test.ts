import { describe, expect, it } from "vitest";
import { createMistakes } from "../../src/inventory/mistakes.ts";
import { readPopulation } from "../../src/inventory/population.ts";
import { makeDistrict } from "../support/inventory.ts";

const { sites } = makeDistrict();
const header = "code,people,as_of,source";

function read(...rows: string[]) {
  const mistakes = createMistakes();
  const population = readPopulation([header, ...rows].join("\n"), sites, mistakes);
  return { population, message: mistakes.count() === 0 ? "" : mistakes.toError().message };
}

describe("population.csv", () => {
  it("gives villages their inhabitants, with day and source", () => {
    const { population } = read('64.08.01.2001,408,2025-11-19,"Registrasi penduduk, semester 1"');
    expect([...population!]).toEqual([
      ["64.08.01.2001", { people: 408, asOf: "2025-11-19", source: "Registrasi penduduk, semester 1" }],
    ]);
  });

  it("may be missing", () => {
    expect(readPopulation("", sites, createMistakes())).toEqual(new Map());
  });

  it.each([
    ["64.08.01,408,2024,x", "code", "the code of a desa or kelurahan"],
    ["64.08.09.2001,408,2024,x", "code", "the code of a desa or kelurahan"],
    ["64.08.01.2001,1.234,2024,x", "people", "a whole number from 0 to 1000000"],
    ["64.08.01.2001,-3,2024,x", "people", "a whole number from 0 to 1000000"],
    ["64.08.01.2001,3,19-11-2025,x", "as_of", "a year or a day"],
    ["64.08.01.2001,3,2024,", "source", "where the figure was read"],
    ["64.08.01.2001,3,2024", "(row)", "4 fields"],
  ])("refuses %s, naming the field", (row, field, allowed) => {
    const { message } = read(row);
    expect(message).toContain("population.csv");
    expect(message).toContain("2");
    expect(message).toContain(field);
    expect(message).toContain(allowed);
  });

  it("refuses a village twice, and another header", () => {
    expect(read("64.08.01.2001,3,2024,x", "64.08.01.2001,4,2024,x").message).toContain("each village once");
    const mistakes = createMistakes();
    expect(readPopulation("kode,jiwa\n", sites, mistakes)).toBeNull();
    expect(mistakes.toError().message).toContain(header);
  });
});
