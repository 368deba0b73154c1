import { describe, expect, it } from "vitest";
import { roles } from "../../src/inventory/inventory.ts";
import { causes, siteStates } from "../../src/outage/table.ts";
import { facts } from "../../src/report/facts.ts";
import { createWords, languages } from "../../src/report/words.ts";

const id = createWords("id", "Asia/Makassar");
const en = createWords("en", "Asia/Makassar");

describe("words", () => {
  it.each(languages)("exist for every state, cause, role and fact in %s", (language) => {
    const words = createWords(language, "Asia/Makassar");
    const texts = [
      ...siteStates.map(words.state),
      ...causes.map((cause) => words.cause(cause)),
      ...roles.map(words.role),
      ...Object.keys(facts).map((fact) => words.fact({ fact, target: null, detail: {} })),
    ];
    for (const text of texts) expect(text).toMatch(/^[A-Z]/);
  });

  it("say of a service that it is not reachable, since it has no parent that could be cut", () => {
    expect([id.serviceState("unreachable"), en.serviceState("unreachable")]).toEqual([
      "Tidak terjangkau",
      "Not reachable",
    ]);
    expect(id.serviceState("down")).toBe(id.state("down"));
  });

  it("leave a silence of no length out", () => {
    const fact = (silentS: number) =>
      en.fact({ fact: "gateway.answers", target: null, detail: { silentS, measuredS: 5100 } });
    expect(fact(0)).toBe("The site's gateway answers (measured 1 h 25 min)");
    expect(fact(30)).toBe("The site's gateway answers (without an answer 30 s, measured 1 h 25 min)");
  });

  it("never call unknown down", () => {
    expect([id.state("unknown"), id.state("down")]).toEqual(["Belum diketahui", "Putus"]);
    expect(id.cause(null)).toBeNull();
  });

  it("say in one language what an outage within announced work would have been called", () => {
    const detail = { plan: "m1", reason: "Antena", cause: "link", confidence: "high" } as const;
    expect(id.fact({ fact: "maintenance.announced", target: null, detail })).toMatch(
      /penyebab Tautan putus, keyakinan tinggi\)$/,
    );
  });

  it("tell the figures of a fact with their units, moments in the zone of the place", () => {
    const item = {
      fact: "gateway.silent",
      target: "64.08.01/gw",
      detail: {
        rounds: 12,
        lastMs: Date.UTC(2026, 8, 21, 6, 5, 10),
        gapMs: 90_000,
        lossRatio: 0.25,
        note: null,
      },
    };
    expect(id.fact(item)).toBe(
      "Gerbang lokasi tidak menjawab (pengukuran 12, terakhir 21 Sep 2026, 14.05.10, jeda 90 dtk, kehilangan paket 25 %)",
    );
    expect(en.fact(item)).toContain("last 21 Sept 2026, 14:05:10, gap 90 s, packet loss 25 %");
  });

  it("give a fact without a text by its name", () => {
    expect(id.fact({ fact: "moon.full", target: null, detail: {} })).toBe("moon.full");
  });
});
