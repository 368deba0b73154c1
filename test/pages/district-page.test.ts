import { describe, expect, it } from "vitest";
import { siteStates } from "../../src/outage/table.ts";
import { createPages } from "../../src/pages/create-pages.ts";
import type { SiteView } from "../../src/report/reader.ts";
import { madeOutage, madeReader, madeSite, noOpenData } from "./made-reader.ts";
import type { MadeData } from "./made-reader.ts";

const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const sinceMs = Date.UTC(2025, 5, 24, 1, 10);

function pagesOf(data: MadeData) {
  return createPages({
    reader: madeReader(data),
    now: () => nowMs,
    services: () => [{ id: "lapor", name: "SP4N-LAPOR!" }],
    openData: noOpenData,
    version: "0.1.0",
  });
}

async function text(data: MadeData, path = "/", headers: Record<string, string> = {}): Promise<string> {
  const response = await pagesOf(data).request(path, { headers });
  expect(response.status).toBe(200);
  return response.text();
}

/** What a person reads: no tags, single spaces. */
function read(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");
}

const district = [madeSite("64.08", "Kabupaten Kutai Timur"), madeSite("64.08.01", "Muara Ancalong")];

const lapor = (state: SiteView["state"], cause: SiteView["cause"] = null) => ({
  services: [{ service: "lapor", state, cause, sinceMs }],
});

describe("the district page", () => {
  it("answers in one line first, and every site is counted once", async () => {
    const states: SiteView["state"][] = ["down", "unreachable", "degraded", "maintenance", "unknown"];
    const villages = states.map((state, n) => madeSite(`64.08.01.200${n}`, `Desa ${n}`, { state }));
    const html = await text({ sites: [...district, ...villages] });
    const answer = "2 dari 7 lokasi normal, 2 putus, 1 lambat, 1 dalam perawatan, 1 belum diketahui";
    expect(html).toContain(`<h1>${answer}</h1>`);
    expect(html).toContain('<html lang="id">');
    expect(html).toContain('<meta http-equiv="refresh" content="60" />');
    expect(read(html)).toContain("Diperbarui 14.05 WITA");
  });

  it("leads to the other pages, and to one about services only where there are some", async () => {
    const english = await text({ sites: district }, "/?lang=en");
    for (const path of ["/layanan-aduan", "/data-terbuka", "/docs"])
      expect(english.match(/<footer>.*<\/footer>/s)?.[0]).toContain(`href="${path}?lang=en"`);
    const bare = createPages({
      reader: madeReader({ sites: district }),
      now: () => nowMs,
      services: () => [],
      openData: noOpenData,
      version: "0.1.0",
    });
    const without = await (await bare.request("/")).text();
    expect(without).not.toContain("/layanan-aduan");
    expect(without).toContain('href="/data-terbuka"');
  });

  it("names the whole area above the open data as well", async () => {
    expect(read(await text({ sites: district }, "/data-terbuka"))).toContain("Sambung Kabupaten Kutai Timur");
  });

  it.each(siteStates)("says %s in a word, with a sign beside it", async (state) => {
    const village = madeSite("64.08.01.2001", "Senyiur", { state, sinceMs });
    const html = await text({ sites: [...district, village] }, "/?lang=en");
    const word = {
      up: "Up",
      degraded: "Degraded",
      down: "Down",
      unreachable: "Cut off by its parent",
      unknown: "Not known",
      maintenance: "Scheduled maintenance",
      off: "Outside its hours of supply",
    }[state];
    expect(html).toContain(`<b class="s ${state}"><i class="m ${state}"></i> ${word}</b>`);
    expect(read(html)).toContain(
      state === "up" ? "Up District office Senyiur" : `Senyiur ${word} since 09:10 WITA`,
    );
  });

  it("opens the kecamatan with trouble, and leaves the others shut", async () => {
    const html = await text({
      sites: [
        ...district,
        madeSite("64.08.01.2001", "Senyiur", {
          state: "down",
          cause: "power",
          confidence: "medium",
          sinceMs,
        }),
        madeSite("64.08.02", "Muara Wahau"),
        madeSite("64.08.03", "Muara Bengkal", { state: "unknown", cause: "agent" }),
      ],
    });
    const groups = [...html.matchAll(/<details( open)?>\s*<summary><span class="name">([^<]+)/g)];
    expect(groups.map(([, open, name]) => [name, open !== undefined])).toEqual([
      ["Muara Ancalong", true],
      ["Muara Wahau", false],
      ["Muara Bengkal", false],
    ]);
    expect(read(html)).toContain("Senyiur Putus sejak 09.10 WITA · Dugaan penyebab: pemadaman listrik");
  });

  it("says of each service from how many sites it can be reached, since when it cannot and why", async () => {
    const html = await text({
      sites: [
        madeSite("64.08", "Kabupaten Kutai Timur", lapor("up")),
        madeSite("64.08.01", "Muara Ancalong", lapor("up")),
        madeSite("64.08.01.2001", "Senyiur", lapor("down", "power")),
        madeSite("64.08.01.2002", "Kelinjau Ilir", lapor("unreachable", "backhaul")),
        madeSite("64.08.01.2003", "Kelinjau Ulu", lapor("down", "power")),
        madeSite("64.08.01.2004", "Long Nah", lapor("unknown", "agent")),
      ],
    });
    expect(read(html)).toContain(
      "SP4N-LAPOR! sebagian tidak dapat dijangkau Dapat dijangkau dari 2 lokasi; tidak dapat dijangkau dari 3 lokasi, " +
        "sejak 09.10 WITA; belum diketahui di 1 lokasi. " +
        "Dugaan penyebab: pemadaman listrik (2 lokasi) dan gangguan jalur lokasi induk (1 lokasi).",
    );
  });

  it.each([
    ["up", "SP4N-LAPOR! dapat dijangkau Dapat dijangkau dari 1 lokasi."],
    ["down", "SP4N-LAPOR! tidak dapat dijangkau Tidak dapat dijangkau dari 1 lokasi, sejak 09.10 WITA."],
    ["unknown", "SP4N-LAPOR! belum diketahui Belum diketahui di 1 lokasi."],
  ] as const)("does not take a service that is %s for anything else", async (state, sentence) => {
    expect(read(await text({ sites: [madeSite("64.08", "Kutai Timur", lapor(state))] }))).toContain(sentence);
  });

  it("does not call a service reachable that no site checks", async () => {
    const html = await text({ sites: district });
    expect(read(html)).toContain("SP4N-LAPOR! belum diketahui Belum pernah terukur.");
  });

  it("lists open incidents, the widest first, with root, cause, since and sites", async () => {
    const incident = { endMs: null, startMs: sinceMs, outages: 1, provisional: false };
    const html = await text({
      sites: district,
      incidents: [
        { ...incident, id: "a", root: "64.08", cause: "link", sites: ["64.08"] },
        { ...incident, id: "b", root: "service:lapor", cause: "service", sites: ["64.08", "64.08.01"] },
      ],
      outages: [
        madeOutage("64.08", { incident: "a", confidence: "high", cause: "link" }),
        madeOutage("64.08", { incident: "b", confidence: "high", cause: "service", service: "lapor" }),
        madeOutage("64.08.01", { incident: "b", confidence: "low", cause: "service", service: "lapor" }),
      ],
    });
    const cards = [...html.matchAll(/<li class="card.*?<\/li>/gs)].map(([card]) => read(card).trim());
    expect(cards).toEqual([
      "SP4N-LAPOR! SP4N-LAPOR! tidak dapat dijangkau. Dugaan penyebab: layanan terganggu sejak 09.10 WITA (4 jam 55 menit) · 2 lokasi",
      "Kabupaten Kutai Timur Penyebab: tautan putus sejak 09.10 WITA (4 jam 55 menit) · 1 lokasi",
    ]);
  });

  it("calls what is only suspected so, with the site's state as it was measured", async () => {
    const suspected = { sinceMs, root: "64.08.01" };
    const html = await text({
      sites: district.map((site) => (site.code === "64.08.01" ? { ...site, suspected } : site)),
      incidents: [
        {
          id: "a",
          root: "64.08.01",
          cause: "unknown",
          sites: ["64.08.01"],
          startMs: sinceMs,
          endMs: null,
          outages: 1,
          provisional: true,
        },
      ],
      outages: [madeOutage("64.08.01", { incident: "a", cause: "unknown", provisional: true })],
    });
    const [card] = [...html.matchAll(/<li class="card.*?<\/li>/gs)].map(([each]) => read(each).trim());
    expect(card).toContain("Diduga putus. Penyebab belum diketahui sejak 09.10 WITA");
    const row = [...html.matchAll(/<li>.*?<\/li>/gs)].map(([each]) => read(each).trim());
    expect(row.filter((each) => each.includes("diduga putus"))).toHaveLength(1);
  });

  it("says that there is no incident, and that there is no site", async () => {
    expect(await text({ sites: district })).toContain("Tidak ada gangguan yang sedang berlangsung.");
    const empty = await text({ sites: [] });
    expect(empty).toContain("<h1>Belum ada lokasi yang dipantau</h1>");
  });

  it("escapes a name that looks like HTML", async () => {
    const html = await text({ sites: [madeSite("64.08", '<script>alert("x")</script>', { state: "down" })] });
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  });

  it("loses no site whose parent is not in the inventory", async () => {
    const html = await text({ sites: [madeSite("64.09.01.2001", "Terpencil")] });
    expect(read(html)).toContain("Normal");
    expect(html).toContain('href="/lokasi/64.09.01.2001"');
  });
});

describe("language", () => {
  it.each([
    ["/", {}, "id"],
    ["/", { "Accept-Language": "en-US,en;q=0.9,id;q=0.8" }, "en"],
    ["/", { "Accept-Language": "id-ID,id;q=0.9,en;q=0.8" }, "id"],
    ["/", { "Accept-Language": "de" }, "id"],
    ["/?lang=en", { "Accept-Language": "id" }, "en"],
    ["/?lang=xx", { "Accept-Language": "en" }, "en"],
  ] as [string, Record<string, string>, string][])("%s with %o is %s", async (path, headers, language) => {
    expect(await text({ sites: district }, path, headers)).toContain(`<html lang="${language}">`);
  });

  it("keeps a chosen language in links, and links to the other one", async () => {
    const html = await text({ sites: district }, "/?lang=en");
    expect(html).toContain('href="/lokasi/64.08.01?lang=en"');
    expect(html).toMatch(
      /<a class="lang" lang="id" hreflang="id" href="\/\?lang=id"\s*>Bahasa Indonesia<\/a/,
    );
    expect(read(html)).toContain("2 of 2 sites up");
  });
});

describe("on a thin link", () => {
  it("stays below 30 kB for 160 sites on a bad day, without a script", async () => {
    const sites = [madeSite("64.08", "Kabupaten Kutai Timur")];
    for (let k = 1; k <= 18; k += 1) {
      const kecamatan = `64.08.${String(k).padStart(2, "0")}`;
      sites.push(madeSite(kecamatan, `Kecamatan ${k}`));
      for (let n = 1; n <= (k <= 15 ? 8 : 7); n += 1) {
        const isCut = k === 4 || n === 8;
        const over = isCut ? ({ state: "down", cause: "power", confidence: "medium", sinceMs } as const) : {};
        sites.push(madeSite(`${kecamatan}.200${n}`, `Nama Desa Panjang ${n}`, over));
      }
    }
    expect(sites).toHaveLength(160);
    const html = await text({ sites });
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/(src|href)="https?:/);
  });

  it("answers 304 to a browser that has the page, and lets it be kept for 30 s", async () => {
    const pages = pagesOf({ sites: district });
    const first = await pages.request("/");
    expect(first.headers.get("cache-control")).toContain("max-age=30");
    expect(first.headers.get("vary")).toContain("Accept-Language");
    const tag = first.headers.get("etag")!;
    const second = await pages.request("/", { headers: { "If-None-Match": tag } });
    expect([second.status, await second.text()]).toEqual([304, ""]);
    const english = await pages.request("/?lang=en", { headers: { "If-None-Match": tag } });
    expect(english.status).toBe(200);
  });

  it("allows by policy exactly the style sheet that the page carries", async () => {
    const response = await pagesOf({ sites: district }).request("/");
    const style = /<style>(.*?)<\/style>/s.exec(await response.text())?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(style));
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain(`style-src 'sha256-${Buffer.from(digest).toString("base64")}'`);
    expect(policy).toContain("default-src 'none'");
  });
});
