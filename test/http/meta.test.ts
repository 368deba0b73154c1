import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey } from "../support/partners.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { startSilent } from "../support/silent-server.ts";
import { exampleBatch, packBatch } from "../support/wire.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: { type?: string | string[] };
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, unknown> };
  responses: Record<string, { content?: Record<string, unknown> }>;
  security?: Record<string, unknown>[];
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

const readDocument = () => http.get<Document>("/openapi.json");

describe("/openapi.json", () => {
  it("describes every route that there is, and none that there is not", async () => {
    const { openapi, paths } = await readDocument();
    expect(openapi).toBe("3.1.0");
    const routes = http.app.routes
      .filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, "{$1}")}`);
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(new Set(described)).toEqual(new Set(routes));
    expect(described).toContain("POST /api/v1/batches");
    expect(described.length).toBeGreaterThan(25);
  });

  it("requires what the routes require, as the text that it is", async () => {
    const { paths } = await readDocument();
    const parameters = Object.entries(paths).flatMap(([path, operations]) =>
      (operations.get?.parameters ?? []).map((parameter) => ({ path, ...parameter })),
    );
    const required = parameters.filter((parameter) => parameter.required === true);
    expect(required.map(({ path, name }) => `${path} ${name}`).toSorted()).toEqual([
      "/api/v1/agents/ledger agent",
      "/api/v1/agents/{id}/ledger id",
      "/api/v1/interfaces target",
      "/api/v1/outages/{id} id",
      "/api/v1/outages/{id}/partners id",
      "/api/v1/partner/outages/{id} id",
      "/api/v1/partner/sla period",
      "/api/v1/partner/sla/{link}/evidence link",
      "/api/v1/partner/sla/{link}/evidence period",
      "/api/v1/readings object",
      "/api/v1/readings target",
      "/api/v1/reports/{file} file",
      "/api/v1/series target",
      "/api/v1/services/association service",
      "/api/v1/services/availability service",
      "/api/v1/services/{id}/association id",
      "/api/v1/services/{id}/availability id",
      "/api/v1/sites/{code} code",
      "/api/v1/sla period",
      "/api/v1/sla/issues/{number} number",
      "/api/v1/sla/{link}/evidence link",
      "/api/v1/sla/{link}/evidence period",
      "/api/v1/sla/{link}/explain link",
      "/api/v1/sla/{link}/explain period",
      "/api/v1/smoke target",
      "/data/{file} file",
      "/tmf-api/alarm/v4/alarm/{id} id",
      "/tmf-api/alarmManagement/v4/alarm/{id} id",
      "/tmf-api/troubleTicket/v4/troubleTicket/{id} id",
    ]);
    // Lists of TM Forum's APIs take an attribute several times.
    const plain = parameters.filter(
      ({ path, schema }) => schema.type !== "array" || !path.startsWith("/tmf-api/"),
    );
    const others = plain.filter(({ schema }) => schema.type !== "string" && schema.type !== "integer");
    expect(others).toEqual([]);
    const partner = await addPartnerKey(http.state, "Telkom", nowMs);
    for (const { path, name } of required.filter((parameter) => parameter.in === "query")) {
      const response = await http.request(path, path.includes("/partner/") ? { key: partner } : {});
      const problem = (await response.json()) as { errors: { field: string }[] };
      expect([response.status, problem.errors.map(({ field }) => field)]).toEqual([
        400,
        expect.arrayContaining([name]),
      ]);
    }
  });

  it("refers only to schemas that it has, and says which key each route takes", async () => {
    const document = await readDocument();
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name!);
    }
    expect(Object.keys(document.components.securitySchemes).toSorted()).toEqual([
      "agentKey",
      "apiKey",
      "partnerKey",
    ]);
    const withoutKey = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.values(operations).some((operation) => operation.security === undefined) ? [path] : [],
    );
    expect(withoutKey.toSorted()).toEqual([
      "/api/v1/agents/enrol",
      "/data/katalog.json",
      "/data/{file}",
      "/health",
      "/livez",
      "/openapi.json",
      "/ping",
      "/ready",
      "/readyz",
    ]);
    for (const path of Object.keys(document.paths).filter((each) => !withoutKey.includes(each))) {
      const [method] = Object.keys(document.paths[path]!);
      const response = await http.request(path, { key: null, method: method!.toUpperCase() });
      expect([path, response.status]).toEqual([path, 401]);
    }
  });

  it("describes bodies and answers as JSON", async () => {
    const { paths } = await readDocument();
    const batches = paths["/api/v1/batches"]!.post!;
    expect(batches.requestBody).toMatchObject({ required: true, content: { "application/json": {} } });
    expect(Object.keys(batches.responses)).toEqual(
      expect.arrayContaining(["200", "400", "401", "413", "415", "422", "503"]),
    );
    expect(batches.responses["422"]?.content).toHaveProperty(["application/problem+json"]);
  });
});

describe("/metrics", () => {
  const render = async () => {
    const response = await http.request("/metrics");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toContain("text/plain; version=0.0.4");
    return (await response.text()).split("\n");
  };

  it("tells probes, sites, agents and work in Prometheus' names", async () => {
    const token = {
      hash: "h",
      site: "64.08.01",
      prefix: "sbe_test",
      kind: "sambung" as const,
      expiresMs: nowMs + 1,
      nowMs,
    };
    await http.state.addEnrolToken(token);
    const agent = { id: "ag_hulu01", keyHash: "k", keyPrefix: "sba_k", hardware: "x", version: "1" };
    await http.state.redeemEnrolToken("h", nowMs, agent);
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/hub", nowMs - 30_000, 30_000, [[20, 21, 22]])], {
      receivedMs: nowMs,
      waitingRounds: 40,
      oldestMs: 90_000,
      sentBytes: 5_000,
    });
    await writeWatch(http.state, {
      outages: [makeOutage({ startMs: nowMs - 60_000 })],
      states: [segments("64.08.01", "", [[nowMs - 60_000, "down", "link"]])],
      messages: [
        {
          dedupeKey: "d",
          channel: "log",
          type: "site.down",
          incident: "inc_1",
          payload: {},
          createdMs: nowMs,
          nextTryMs: nowMs,
        },
      ],
    });
    expect(await render()).toEqual(
      expect.arrayContaining([
        'probe_success{site="64.08.01",target="hub"} 1',
        'probe_duration_seconds{site="64.08.01",target="hub"} 0.021',
        'probe_icmp_loss_ratio{site="64.08.01",target="hub"} 0.4',
        'sambung_site_state{site="64.08.01",state="down"} 1',
        'sambung_site_state{site="64.08.01",state="up"} 0',
        `sambung_agent_last_seen_timestamp_seconds{agent="ag_hulu01",site="64.08.01"} ${nowMs / 1000}`,
        'sambung_agent_ledger_rounds{agent="ag_hulu01",site="64.08.01",state="stored"} 1',
        'sambung_agent_backlog_rounds{agent="ag_hulu01",site="64.08.01"} 40',
        'sambung_agent_backlog_age_seconds{agent="ag_hulu01",site="64.08.01"} 90',
        'sambung_agent_sent_bytes{agent="ag_hulu01",site="64.08.01"} 5000',
        'sambung_agent_month_sent_bytes{agent="ag_hulu01",site="64.08.01"} 5000',
        'sambung_agent_ledger_inconsistent{agent="ag_hulu01",site="64.08.01"} 0',
        'sambung_outages_open{cause="link"} 1',
        'sambung_outages_open{cause="power"} 0',
        'sambung_outbox_pending{channel="log"} 1',
        'sambung_outbox_oldest_age_seconds{channel="log"} 0',
        "sambung_ingest_batches_total 0",
        "# TYPE sambung_ingest_batches_total counter",
      ]),
    );
  });

  it("is made at most every five seconds, and forgets targets that fell silent", async () => {
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    const probes = async () => (await render()).filter((line) => line.startsWith("probe_success{")).length;
    expect(await probes()).toBe(0);
    await write([icmpRounds("64.08.01/hub", nowMs - 30_000, 30_000, [[20]])]);
    expect(await probes()).toBe(0);
    http.clock.ms += 5_000;
    expect(await probes()).toBe(1);
    http.clock.ms += 170_000;
    expect(await probes()).toBe(0);
  });

  it("needs a key, unless it was opened", async () => {
    expect((await http.request("/metrics", { key: null })).status).toBe(401);
    using open = await openTestHttp({ deps: { metricsAccess: "open" } });
    expect((await open.request("/metrics", { key: null })).status).toBe(200);
  });
});

describe("health", () => {
  it("is alive without asking anybody, and ready while the stores are", async () => {
    for (const path of ["/livez", "/readyz"]) {
      const response = await http.request(path, { key: null });
      expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
    }
    const verbose = await http.request("/readyz?verbose", { key: null });
    expect(await verbose.text()).toBe("[+] state ok\n[+] series ok\n[+] clock ok\n");
  });

  it("is not ready when a store fails", async () => {
    const failing = { ...http.state, ping: () => Promise.reject(new Error("disk is full")) };
    using broken = await openTestHttp({ deps: { state: failing } });
    const response = await broken.request("/readyz?verbose", { key: null });
    expect([response.status, await response.text()]).toEqual([
      503,
      "[-] state failed: see the log\n[+] series ok\n[+] clock ok\n",
    ]);
    expect((await broken.request("/livez", { key: null })).status).toBe(200);
  });

  it("is ready and says what to do where rounds that were acknowledged are gone", async () => {
    let missing: string | null = "the engine has none: put its backup back";
    using emptied = await openTestHttp({ deps: { missingRounds: () => missing } });
    const ask = async (path: string) => {
      const response = await emptied.request(path, { key: null });
      return [response.status, await response.text()];
    };
    expect(await ask("/readyz")).toEqual([200, "degraded\n"]);
    expect(await ask("/readyz?verbose")).toEqual([
      200,
      "[+] state ok\n[+] series ok\n[+] clock ok\n[!] rounds degraded: the engine has none: put its backup back\n",
    ]);
    missing = null;
    emptied.clock.ms += 2_000;
    expect(await ask("/readyz")).toEqual([200, "ok\n"]);
  });

  it("says of an engine that takes connections and never answers that it hangs, here and in /metrics", async () => {
    await using engine = await startSilent();
    using hanging = await openTestHttp({
      sqlite: {
        outerSeries: (catalogue) =>
          createInfluxSeries(
            { url: engine.url, token: null, api: "v1", database: "sambung", org: null, now: Date.now },
            catalogue,
          ),
      },
    });
    const [ready, metrics] = await Promise.all([
      hanging.request("/readyz?verbose", { key: null }),
      hanging.request("/metrics"),
    ]);
    expect([ready.status, await ready.text()]).toEqual([
      503,
      expect.stringMatching(/^\[\+\] state ok\n\[-\] series failed: no answer within 3 s: /),
    ]);
    expect((await metrics.text()).split("\n")).toEqual(
      expect.arrayContaining([
        'sambung_store_up{store="state"} 1',
        'sambung_store_up{store="series"} 0',
        'sambung_metrics_part_up{part="store"} 1',
        'sambung_metrics_part_up{part="sites"} 1',
      ]),
    );
    expect(engine.asked()).toBeGreaterThan(0);
  });

  it("is not ready while the agents see its clock in the future", async () => {
    const hourAgoMs = nowMs - 3_600_000;
    const readiness = async () => {
      http.clock.ms += 2_000;
      const response = await http.request("/readyz?verbose", { key: null });
      return [response.status, (await response.text()).split("\n")[2]];
    };
    const ask = async (id: string, seq: number, wallMs: number) => {
      const batch = exampleBatch({ agent: id, seq, rounds: [], events: [] });
      const clock = { wallMs, monoMs: batch.clock.monoMs, synced: true };
      const ledger = { produced: 0, thinned: 0, lost: 0 };
      const agent = (await http.state.agents()).find((each) => each.id === id)!;
      await http.ingest.acceptBatch(agent, packBatch({ ...batch, clock, ledger }), "zstd");
    };
    for (const id of ["ag_a", "ag_b", "ag_c"]) {
      const token = { hash: id, site: "64.08.01", prefix: "sbe_x", kind: "sambung" as const };
      await http.state.addEnrolToken({ ...token, expiresMs: nowMs + 1, nowMs: hourAgoMs });
      const made = { id, keyHash: id, keyPrefix: "sba_k", hardware: "x", version: "1" };
      await http.state.redeemEnrolToken(id, hourAgoMs, made);
      expect(await readiness()).toEqual([200, "[+] clock ok"]);
      await ask(id, 1, hourAgoMs);
    }
    expect(await readiness()).toEqual([
      503,
      expect.stringMatching(
        /^\[-\] clock failed: this machine's clock is 360\d s in the future, as 3 of 3 agents see it: set it by NTP/,
      ),
    ]);
    for (const id of ["ag_a", "ag_b", "ag_c"]) await ask(id, 2, http.clock.ms);
    expect(await readiness()).toEqual([200, "[+] clock ok"]);
  });
});

describe("everything else", () => {
  const problemOf = async (path: string, method = "GET") => {
    const response = await http.request(path, { method });
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    return { response, problem: (await response.json()) as Record<string, unknown> };
  };

  it("that is not there is a problem of its own", async () => {
    const { problem } = await problemOf("/api/v1/nothing");
    expect(problem).toMatchObject({
      status: 404,
      code: "not-found",
      title: "Not found",
      instance: "/api/v1/nothing",
    });
  });

  it("with a wrong method names the right ones", async () => {
    const { response, problem } = await problemOf("/api/v1/sites", "PUT");
    expect([response.status, problem.code]).toEqual([405, "method"]);
    expect(response.headers.get("Allow")).toBe("GET, HEAD");
    expect((await problemOf("/api/v1/batches")).response.headers.get("Allow")).toBe("POST");
  });

  it("that is our own fault tells nothing but where to look", async () => {
    const failing = { ...http.reader, sites: () => Promise.reject(new Error("table states is gone")) };
    using broken = await openTestHttp({ deps: { reader: failing } });
    const response = await broken.request("/api/v1/sites");
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("states is gone");
    const { requestId, code } = JSON.parse(text) as Record<string, string>;
    expect(code).toBe("internal");
    const logged = broken.log.find((line) => line.level === "error")!;
    expect(logged.fields).toMatchObject({ requestId, path: "/api/v1/sites" });
    expect((logged.fields.err as Error).message).toBe("table states is gone");
  });

  it("carries headers that keep a browser from doing more than showing it", async () => {
    const { headers } = await http.request("/api/v1/sites");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("serves pages behind the API", async () => {
    const pages = new Hono().get("/", (c) => c.html("<h1>Sambung</h1>"));
    using site = await openTestHttp({ deps: { pages } });
    expect(await (await site.request("/", { key: null })).text()).toBe("<h1>Sambung</h1>");
    expect((await site.request("/api/v1/sites", { key: null })).status).toBe(401);
  });
});
