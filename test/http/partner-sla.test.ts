import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cut, dayMs, link, november, october, site, up, villageOf } from "../report/sla/one-village.ts";
import { openVillages, verify, villages } from "../report/sla/sla-world.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { icmpTarget } from "../support/inventory.ts";
import { needs } from "../support/needs.ts";
import { addPartnerKey } from "../support/partners.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { enrol, makeOutage, segments, writeWatch } from "../support/watch.ts";

/* What providers read of the SLA of their own links: Telkom has every third village and the offices, Icon+ the others. */

const lacking = needs({ commands: ["python3"] });
const those = villages(6);
const period = "2028-02";
let http: TestHttp;
let telkom: string;
let icon: string;
let conformance: Conformance;

interface Row {
  group: string;
  provider: string;
  restitutionIdr: number | null;
  countedS: number;
  outages: { causes: { cause: string }[]; outages: string[] }[];
  exclusions: object[];
}
interface Page {
  data: Row[];
  meta: { rows: number; issue: object | null; pending: { link: string }[] };
}

beforeAll(async () => {
  http = await openVillages(those);
  telkom = await addPartnerKey(http.state, "Telkom", http.clock.ms);
  icon = await addPartnerKey(http.state, "Icon+", http.clock.ms);
  conformance = createConformance(await http.get<OpenApi>("/openapi.json"));
}, 120_000);
afterAll(() => http[Symbol.dispose]());

async function ask(path: string, key: string): Promise<Response> {
  const response = await http.request(`/api/v1/partner/sla${path}`, { key });
  await conformance.check("GET", `/api/v1/partner/sla${path}`, response);
  return response;
}
const month = async (key: string, query = "") =>
  (await (await ask(`?period=${period}${query}`, key)).json()) as Page;
const pack = async (link: string, key: string) => {
  const response = await ask(`/${link}/evidence?period=${period}`, key);
  return { status: response.status, text: await response.text() };
};
const ownOf = (rest: (index: number) => boolean) =>
  those.flatMap(({ link }, index) => (rest(index) ? [link] : []));
const telkoms = ownOf((index) => index % 3 === 0);
const icons = ownOf((index) => index % 3 !== 0);

describe("the SLA of a provider's links", () => {
  it("has the figures of the regency, of its own links alone", async () => {
    const all = await http.get<Page>(`/api/v1/sla?period=${period}`);
    const figures = ({ group, countedS, restitutionIdr }: Row) => [group, countedS, restitutionIdr];
    const of = (provider: string) => all.data.filter((row) => row.provider === provider).map(figures);
    const [mine, theirs] = [await month(telkom), await month(icon)];
    expect(mine.data.map(figures)).toEqual(of("Telkom"));
    expect(theirs.data.map(figures)).toEqual(of("Icon+"));
    expect(theirs.data.map(({ group }) => group).toSorted()).toEqual(icons.toSorted());
    expect(mine.data.some(({ countedS }) => countedS > 0)).toBe(true);
    for (const { text, others } of [
      { text: JSON.stringify(mine), others: icons },
      { text: JSON.stringify(theirs), others: telkoms },
    ])
      for (const other of others) expect(text).not.toContain(other);
  });

  it("names outages as /partner/outages does, and says of exclusions kind and time alone", async () => {
    await http.followPartners();
    const { data } = await month(telkom);
    const listed = await http.request("/api/v1/partner/outages?limit=1000", { key: telkom });
    const known = new Set(((await listed.json()) as { data: { id: string }[] }).data.map(({ id }) => id));
    const ids = data.flatMap(({ outages }) => outages.flatMap(({ outages: of }) => of));
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) expect(known).toContain(id);
    expect(JSON.stringify(data)).not.toMatch(/out_64|BPBD|Banjir/);
    const excluded = data.flatMap(({ exclusions }) => exclusions);
    for (const exclusion of excluded) expect(Object.keys(exclusion)).toEqual(["kind", "start", "end"]);
  });

  it.skipIf(lacking !== null)(
    `has evidence that the script of the documentation recomputes${lacking === null ? "" : `: ${lacking}`}`,
    async () => {
      const packs = await Promise.all(telkoms.map(async (link) => (await pack(link, telkom)).text));
      const { status, said } = verify(packs);
      expect([status, said.length]).toEqual([0, telkoms.length]);
      for (const text of packs) {
        expect(text).toContain('"type":"figures"');
        expect(text).not.toMatch(/out_64|BPBD|Banjir|"root"|"incident"/);
      }
      expect(packs[0]).toContain('"type":"rounds"');
    },
  );

  it("is not there of another's link, nor of nobody's, in the same words", async () => {
    const answer = async (link: string) => {
      const { status, text } = await pack(link, telkom);
      return [status, text.replaceAll(/"requestId":"[^"]+"/g, "").replaceAll(link, "LINK")];
    };
    const nobody = await answer("nowhere");
    expect(nobody[0]).toBe(404);
    for (const link of icons) expect(await answer(link)).toEqual(nobody);
    expect((await ask("?period=2099-01", telkom)).status).toBe(400);
    for (const path of ["", `/${telkoms[0]}/evidence`]) {
      const refused = await ask(`${path}?period=${period}&issue=SLA-${period}`, telkom);
      expect(refused.status).toBe(404);
      // What it is sent to it may read.
      const { detail } = (await refused.json()) as { detail: string };
      expect(detail).toContain("/api/v1/partner/sla");
      expect(detail).not.toContain("/api/v1/sla/");
    }
    expect((await http.request(`/api/v1/sla?period=${period}`, { key: telkom })).status).toBe(403);
  });

  it("is nobody's for the months before a link changed hands, and says what a correction would change of its own", async () => {
    const link = telkoms[0]!;
    const before = http.held.inventory;
    await http.followPartners();
    const links = new Map(before.links);
    links.set(link, { ...links.get(link)!, provider: "Icon+" });
    http.held.inventory = { ...before, links, ...(before.allLinks === undefined ? {} : { allLinks: links }) };
    await http.followPartners();
    const groups = async (key: string) => (await month(key, "&figures=now")).data.map(({ group }) => group);
    expect(await groups(telkom)).not.toContain(link);
    expect(await groups(icon)).not.toContain(link);
    expect([(await pack(link, telkom)).status, (await pack(link, icon)).status]).toEqual([404, 404]);
    http.held.inventory = before;
    await http.followPartners();
  });
});

describe("what a provider's question costs", () => {
  it("others have their turn between links", async () => {
    let turns = 0;
    let pending = setImmediate(function next() {
      turns += 1;
      pending = setImmediate(next);
    });
    const { links } = (await http.sla.month("2028-03", false))!;
    clearImmediate(pending);
    expect(turns).toBeGreaterThanOrEqual(2 * links.length);
  });

  it("nothing is reckoned of links that are not its own", async () => {
    using reads = vi.spyOn(http.state, "states");
    const { data } = (await (await ask("?period=2028-03&figures=now", icon)).json()) as Page;
    expect(data).toHaveLength(icons.length);
    const sites = reads.mock.calls.flatMap(([query]) => query.sites ?? ["all"]);
    const own = those.filter(({ link }) => icons.includes(link)).map(({ site }) => site);
    expect([...new Set(sites)].toSorted()).toEqual(own.toSorted());
  });

  it("nothing is reckoned at all for the name of a link that is another's or nobody's", async () => {
    using reads = vi.spyOn(http.state, "states");
    for (const link of [...icons, "nowhere"])
      expect((await ask(`/${link}/evidence?period=2028-04`, telkom)).status).toBe(404);
    expect(reads).not.toHaveBeenCalled();
  });

  it("its questions are answered one after another, and past ten it is asked to wait", async () => {
    const gate = Promise.withResolvers<void>();
    const stampOf = http.state.statesStamp;
    let [under, most] = [0, 0];
    using _held = vi.spyOn(http.state, "statesStamp").mockImplementation(async (query) => {
      most = Math.max(most, (under += 1));
      await gate.promise;
      under -= 1;
      return stampOf(query);
    });
    const asked = Array.from({ length: 11 }, async () => ask(`?period=${period}&figures=now`, telkom));
    const first = await Promise.race(asked);
    expect([first.status, Number(first.headers.get("Retry-After"))]).toEqual([503, 5]);
    gate.resolve();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 10 }, () => 200), 503]);
    expect(most).toBe(1);
  });
});

describe("the evidence of a link beside another one", () => {
  it.skipIf(lacking !== null)(
    "has the rounds of that link alone, and bears it out all the same",
    async () => {
      const made = villageOf({ second: {} });
      const added = [
        icmpTarget(site, "hub-1", "hub", { link }),
        icmpTarget(site, "hub-2", "hub", { link: `${site}-2` }),
      ];
      const targets = new Map([...made.targets, ...added.map((target) => [target.key, target] as const)]);
      const inventory = { ...made, targets };
      using own = await openTestHttp({ inventory, rawMs: 0 });
      const states = (of?: string) => {
        const told = segments(site, "", of === `${site}-2` || of === undefined ? [up] : [...cut]);
        const rows = told.segments.map((row) => ({ ...row, ...(of === undefined ? {} : { link: of }) }));
        return { ...told, knownMs: 1, segments: rows, ...(of === undefined ? {} : { link: of }) };
      };
      const [, [startMs], [endMs]] = cut as [unknown, [number], [number]];
      await writeWatch(own.state, {
        states: [states(), states(link), states(`${site}-2`)],
        outages: [
          makeOutage({ id: "out_0", site, link, ofLink: true, root: site, startMs, endMs, cause: "link" }),
        ],
      });
      const write = createWriter(own.batchLog, await enrol(own.state, site, october));
      const there = createWriter(own.batchLog, await enrol(own.state, "64.08", october));
      const replies = (isDown: boolean) =>
        Array.from({ length: 490 }, (_, row) => (isDown && row >= 5 && row < 485 ? [] : [20, 21]));
      const from = startMs - 300_000;
      await write([icmpRounds(`${site}/hub-1`, from, 60_000, replies(true))]);
      await write([icmpRounds(`${site}/hub-2`, from, 60_000, replies(false))]);
      await there([icmpRounds("64.08/to", from, 60_000, replies(false))]);
      own.clock.ms = november + 3 * dayMs;
      const key = await addPartnerKey(own.state, "Telkom", november);
      const read = async (path: string, bearer: string) => {
        const response = await own.request(`/api/v1${path}/${link}/evidence?period=2026-10`, { key: bearer });
        expect(response.status).toBe(200);
        return response.text();
      };
      const [regency, mine] = [await read("/sla", own.readKey), await read("/partner/sla", key)];
      // How the site answers from elsewhere tells whether it has another link.
      expect(regency).toContain('"target":"64.08/to"');
      expect(mine).toContain(`${site}/hub-1`);
      expect(mine).not.toMatch(/hub-2|64\.08\/to|Lain/);
      expect(verify([regency, mine])).toMatchObject({ status: 0 });
    },
  );
});
