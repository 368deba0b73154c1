import { describe, expect, it } from "vitest";
import { messagesOf, read } from "./folder.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";

const aliases = (row: string) => ({ "aliases.csv": `code,official_name,seen_spelling\n${row}\n` });
const holidays = (...rows: string[]) => ({ "holidays.csv": `day,kind,name\n${rows.join("\n")}\n` });

describe("aliases.csv", () => {
  it("gives codes by other spellings", () => {
    expect(read(aliases("64.08.05,Sangkulirang,Sangkulirank")).aliases).toEqual(
      new Map([["Sangkulirank", "64.08.05"]]),
    );
    expect(read({}).aliases).toEqual(new Map());
  });

  it.each([
    ["64.08.77,Nowhere,X", "code", "the code of a site in sites.csv"],
    ["64.08.05,Sangkuliran,X", "official_name", "Sangkulirang, its name"],
    ["64.08.05,Sangkulirang,", "seen_spelling", "1 to 200 characters on one line"],
    ["64.08.05,Sangkulirang,X\n64.08,Kutai Timur,X", "seen_spelling", "another spelling"],
  ])("refuses %s", (row, field, allowed) => {
    const [message] = messagesOf(aliases(row));
    expect(message).toContain(field);
    expect(message).toContain(allowed);
  });
});

describe("holidays.csv", () => {
  it("gives days on which offices are closed", () => {
    const found = read(holidays("2026-12-24,cuti-bersama,Natal", "2026-12-25,libur,Natal")).holidays!;
    expect([...found]).toEqual([
      ["2026-12-24", { kind: "cuti-bersama", name: "Natal" }],
      ["2026-12-25", { kind: "libur", name: "Natal" }],
    ]);
  });

  it.each([
    ["2026-02-30,libur,X", "day"],
    ["25/12/2026,libur,X", "day"],
    ["2026-12-25,holiday,X", "libur, cuti-bersama"],
    ["2026-12-25,libur,", "name"],
    ["2026-12-25,libur", "3 fields"],
    ["2026-12-25,libur,X\n2026-12-25,libur,Y", "another day"],
  ])("refuses %s", (row, what) => {
    expect(messagesOf(holidays(row)).join("\n")).toContain(what);
  });

  it("of Kutai Timur has the number of days that the decrees give each year", () => {
    const shipped = readInventory(shippedInventory, { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" });
    const of = (year: string, kind: string) =>
      [...shipped.holidays!].filter(([day, holiday]) => day.startsWith(year) && holiday.kind === kind).length;
    // 17 public holidays each year, and in 2024 two days of voting.
    expect(["2024", "2025", "2026"].map((year) => [of(year, "libur"), of(year, "cuti-bersama")])).toEqual([
      [19, 10],
      [17, 11],
      [17, 8],
    ]);
    expect(shipped.aliases!.get("Kongbeng")).toBe("64.08.08");
  });
});
