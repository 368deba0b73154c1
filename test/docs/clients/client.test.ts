import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateClient, nameOf } from "../../../docs/clients/generate.ts";
import type { OpenApiDocument } from "../../../docs/clients/generate.ts";
import { changedOutages, lineOf } from "../../../docs/clients/typescript/example.ts";
import { createClient, SambungError } from "../../../docs/clients/typescript/sambung.ts";
import { nowMs, openTestHttp, testAdmission } from "../../support/http.ts";
import type { TestHttp } from "../../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../../support/partners.ts";

const client = readFileSync(new URL("../../../docs/clients/typescript/sambung.ts", import.meta.url), "utf8");

let http: TestHttp;
let key: string;
beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  key = await addPartnerKey(http.state, "Telkom", nowMs);
  await http.state.writeWatch({
    outages: [outageRow("out_hulu"), outageRow("out_hilir", { site: "64.08.02" })],
    states: [],
    alerts: [],
    messages: [],
  });
  await http.followPartners();
});
afterEach(() => http[Symbol.dispose]());

const within = (own: string) =>
  createClient({
    baseUrl: "http://sambung.invalid/",
    key: own,
    fetch: async (url, init) => http.app.request(url, init),
  });

describe("the generated client", () => {
  it("has what is documented now: npm run client writes it", async () => {
    const document = await http.get<OpenApiDocument>("/openapi.json");
    const plain = (text: string) => text.replaceAll(/[\s;,|"()]+/g, "");
    expect(plain(client)).toBe(plain(generateClient(document)));
    const names = Object.entries(document.paths).flatMap(([path, of]) =>
      Object.keys(of).map((verb) => nameOf(verb, path)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("has a function for every operation but those that are always refused", async () => {
    const document = await http.get<OpenApiDocument>("/openapi.json");
    const operations = Object.entries(document.paths).flatMap(([path, of]) =>
      Object.keys(of).map((verb) => ({ path, name: nameOf(verb, path) })),
    );
    const functions = Object.keys(within(key));
    const missing = operations.filter(({ name }) => !functions.includes(name)).map(({ path }) => path);
    const bases = ["/tmf-api/alarmManagement/v4", "/tmf-api/alarm/v4"];
    // Alarms say what is measured.
    const refused = ["clearAlarms", "groupAlarms", "unGroupAlarms"];
    expect(missing).toEqual(bases.flatMap((base) => refused.map((name) => `${base}/${name}`)));
  });

  it("answers text as text, lines of JSON too, and files as bytes", async () => {
    const period = new Date(nowMs).toISOString().slice(0, 7);
    const query = { period };
    const pack = await within(key).getPartnerSlaByLinkEvidence({ path: { link: "hulu" }, query });
    const kinds = pack.trimEnd().split("\n");
    expect(kinds.map((line) => (JSON.parse(line) as { type: string }).type)).toContain("figures");
    const reader = within(http.readKey);
    const file = (kind: string) =>
      reader.getReportsByFile({ path: { file: `laporan-sla-${period}.${kind}` } });
    expect(await file("csv")).toContain("hulu");
    const sheet = await file("xlsx");
    expect(sheet).toBeInstanceOf(Uint8Array);
    expect(
      Buffer.from(sheet as Uint8Array)
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
    expect(await within(key).getLivez()).toMatch(/ok/);
    const none = within(key).getPartnerSlaByLinkEvidence({ path: { link: "hilir" }, query });
    await expect(none).rejects.toMatchObject({ status: 404, problem: { code: "not-found" } });
  });

  it("reads, writes and tells of refusals", async () => {
    const telkom = within(key);
    const { data } = await telkom.getPartnerOutages({ query: { open: true } });
    expect(data.map(({ link, atFault }) => [link, atFault])).toEqual([["hulu", "own"]]);
    const path = { id: data[0]!.id };
    const written = await telkom.postPartnerOutagesByIdComments({
      path,
      header: { "idempotency-key": '"1"' },
      body: { text: "Teknisi berangkat" },
    });
    expect(written.data.text).toBe("Teknisi berangkat");
    const detail = await telkom.getPartnerOutagesById({ path, query: { lang: "en" } });
    expect(detail.data.comments).toHaveLength(1);
    const refused = telkom.getPartnerOutagesById({ path: { id: "pout_0/../x" } });
    await expect(refused).rejects.toThrow(SambungError);
    await expect(refused).rejects.toMatchObject({ status: 404, problem: { code: "not-found" } });
    await expect(within("sbk_x").getPartnerLinks()).rejects.toMatchObject({ status: 401 });
  });

  it("gives header fields as well: what a write is checked against, and where more is", async () => {
    const telkom = within(key);
    const { data } = await telkom.getPartnerOutages();
    const path = { id: data[0]!.id };
    const read = () => telkom.send("GET /api/v1/partner/outages/{id}", { path });
    const tag = (await read()).headers.get("ETag")!;
    const same = await telkom.send("GET /api/v1/partner/outages/{id}", {
      path,
      header: { "if-none-match": tag },
    });
    expect([same.status, same.data]).toEqual([304, null]);
    await expect(
      telkom.getPartnerOutagesById({ path, header: { "if-none-match": tag } }),
    ).rejects.toMatchObject({ status: 304 });
    const write = () =>
      telkom.putPartnerOutagesByIdTicket({ path, header: { "if-match": tag }, body: { number: "IN1" } });
    expect((await write()).data).toMatchObject({ number: "IN1", status: "acknowledged" });
    await expect(write()).rejects.toMatchObject({ status: 412, retryAfterS: null });
    const written = (await read()).data;
    expect(written!.data.ticket!.number).toBe("IN1");
  });

  it("walks a list of TM Forum's to its end, filtered by attributes within others", async () => {
    await http.state.writeWatch({
      outages: [
        outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001" }),
        outageRow("out_pusat", { site: "64.08", root: "64.08" }),
      ],
      states: [],
      alerts: [],
      messages: [],
    });
    await http.followPartners();
    const telkom = within(key);
    const found: unknown[] = [];
    for (;;) {
      const { data, headers } = await telkom.send("GET /tmf-api/alarmManagement/v4/alarm", {
        query: { "alarmedObject.id": ["hulu", "muara"], limit: 1, offset: found.length },
      });
      found.push(...data!.map(({ alarmedObject }) => alarmedObject!.id));
      if (found.length === Number(headers.get("X-Total-Count"))) break;
    }
    expect(found.toSorted()).toEqual(["hulu", "muara"]);
  });

  it("tells how long to wait where there were too many", async () => {
    const limits = { ...testAdmission.limits, keyPerMinute: 1 };
    using busy = await openTestHttp({
      inventory: twoProviders(),
      deps: { admission: { ...testAdmission, limits } },
    });
    const own = await addPartnerKey(busy.state, "Telkom", nowMs);
    const client = createClient({
      baseUrl: "http://sambung.invalid",
      key: own,
      fetch: async (url, init) => busy.app.request(url, init),
    });
    await client.getPartnerWebhooks();
    await expect(client.getPartnerWebhooks()).rejects.toMatchObject({ status: 429, retryAfterS: 60 });
  });

  it("follows the feed, as its example does", async () => {
    const first = await changedOutages(within(key), undefined);
    expect(first.outages.map(lineOf)).toEqual(["hulu (Hulu): 2026-09-21T10:00:00.000Z, lasts: Link down"]);
    expect((await changedOutages(within(key), first.cursor)).outages).toEqual([]);
  });

  it("runs as a program of its own", async () => {
    const server = serve({ fetch: http.app.fetch, port: 0, hostname: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const example = fileURLToPath(new URL("../../../docs/clients/typescript/example.ts", import.meta.url));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [example, `http://127.0.0.1:${port}`, key]);
    expect(stdout.split("\n")).toHaveLength(3);
    server.close();
  });
});
