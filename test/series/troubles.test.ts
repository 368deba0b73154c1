import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import type { InfluxOptions } from "../../src/series/influx-series.ts";
import { createVictoriaSeries } from "../../src/series/victoria-series.ts";
import { openTestHttp, nowMs } from "../support/http.ts";
import { needs } from "../support/needs.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { waitFor } from "../support/wait-for.ts";
import { emptyCatalogue } from "./engine-over.ts";
import { influxQl, realServer, startInfluxd, startVictoria } from "./real-server.ts";
import { day0Ms, echoes } from "./samples.ts";

/* What goes wrong with an engine of its own, and what the operator is told. */

const reason = needs({ commands: ["influxd", "victoria-metrics"] });
const why = reason === null ? "" : ` (${reason})`;
const hub = "64.08.01/hub";

const influx = (url: string, more: Partial<InfluxOptions> = {}) => ({
  url,
  token: null,
  api: "v1" as const,
  database: "sambung",
  org: null,
  now: Date.now,
  ...more,
});
const victoria = (url: string) => ({ url, readUrl: null, tenant: null, token: null, now: Date.now });
const one = { agent: "ag_a", seq: 1 };

describe.skipIf(reason !== null)(`an engine in trouble${why}`, { timeout: 120_000 }, () => {
  it("is away for an hour: batches are refused and nothing is lost, states and pages go on", async () => {
    await using server = await startInfluxd();
    await influxQl(server.url, "CREATE DATABASE sambung");
    using http = await openTestHttp({
      sqlite: { outerSeries: (catalogue) => createInfluxSeries(influx(server.url), catalogue) },
    });
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds(hub, nowMs - 120_000, 30_000, [[10], [11]])]);
    await server.kill();
    const late = [icmpRounds(hub, nowMs - 60_000, 30_000, [[12], [13]])];
    await expect(write(late, { seq: 2, producedRounds: 4 })).rejects.toThrow("InfluxDB cannot be reached");
    expect(await http.state.ledger("ag_hulu01")).toMatchObject({ storedRounds: 2, openRounds: 0 });
    http.clock.ms += 3_600_000;
    const ready = await http.request("/readyz?verbose", { key: null });
    expect([ready.status, await ready.text()]).toEqual([
      503,
      expect.stringMatching(
        /^\[\+\] state ok\n\[-\] series failed: InfluxDB cannot be reached \(.*\): start it, or see series.url/,
      ),
    ]);
    for (const path of ["/api/v1/sites", "/api/v1/map", "/api/v1/outages"])
      expect((await http.request(path)).status, path).toBe(200);
    const range = `from=${nowMs - 3_600_000}&to=${nowMs}`;
    const panel = await http.request(`/api/v1/series?target=${hub}&${range}`);
    expect([panel.status, panel.headers.get("Retry-After")]).toEqual([503, "30"]);
    expect(http.log.find(({ level }) => level === "error")?.fields).toMatchObject({
      reason: expect.stringContaining("InfluxDB cannot be reached"),
    });

    await server.start();
    http.clock.ms += 60_000;
    await waitFor("the series", async () => (await http.series.ping(), true), { everyMs: 100 });
    // The agent kept the batch, and sends it again; once more, since it heard nothing of it.
    expect(await write(late, { seq: 2, producedRounds: 4 })).toBe("stored");
    expect(await write(late, { seq: 2, producedRounds: 4 })).toBe("duplicate");
    const [all] = await http.series.read([hub], nowMs - 120_000, nowMs);
    expect(all).toEqual(icmpRounds(hub, nowMs - 120_000, 30_000, [[10], [11], [12], [13]]));
    expect(await http.state.ledger("ag_hulu01")).toMatchObject({ storedRounds: 4, openRounds: 0 });
  });

  it("has no database of the name", async () => {
    await using server = await startInfluxd();
    const series = createInfluxSeries(influx(server.url), emptyCatalogue());
    await expect(series.ping()).rejects.toThrow(
      /InfluxDB has no database sambung .*: make it, or see series.database/,
    );
    await expect(series.append(one, [echoes(hub, day0Ms, 2)])).rejects.toThrow("InfluxDB has no database");
  });

  it("does not accept the token", async () => {
    await using server = await startInfluxd({ auth: true });
    await influxQl(server.url, "CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
    await influxQl(server.url, "CREATE DATABASE sambung", "admin:secret");
    const open = (token: string | null) =>
      createInfluxSeries(influx(server.url, { token }), emptyCatalogue());
    for (const token of [null, "admin:wrong"])
      await expect(open(token).ping()).rejects.toThrow(/does not accept the token .*: see series.token/);
    await expect(open("admin:secret").ping()).resolves.toBeUndefined();
  });

  it("lives at another time", async () => {
    await using server = await startInfluxd();
    await influxQl(server.url, "CREATE DATABASE sambung");
    const at = (aheadMs: number) =>
      createInfluxSeries(influx(server.url, { now: () => Date.now() + aheadMs }), emptyCatalogue());
    await expect(at(0).ping()).resolves.toBeUndefined();
    await expect(at(600_000).ping()).rejects.toThrow(
      /this machine's clock is \d+ s in the future, .* set both by NTP/,
    );
    await expect(at(-600_000).ping()).rejects.toThrow(/the clock of InfluxDB is \d+ s in the future/);
  });

  it("has given up by its own retention what comes late: the agent does not send it for ever", async () => {
    await using server = await startInfluxd();
    await influxQl(server.url, "CREATE DATABASE sambung WITH DURATION 7d");
    const series = createInfluxSeries(influx(server.url), emptyCatalogue());
    await expect(series.append(one, [echoes(hub, day0Ms, 2)])).resolves.toBeUndefined();
    expect(await series.read([hub], day0Ms, day0Ms + 60_000)).toEqual([]);
  });

  it("can only be read, for want of room", async () => {
    await using server = await realServer(
      "victoria-metrics",
      ({ folder, port }) => [
        `-storageDataPath=${folder}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        "-storage.minFreeDiskSpaceBytes=1000000GiB",
        "-loggerLevel=ERROR",
      ],
      "/health",
    );
    const series = createVictoriaSeries(victoria(server.url), emptyCatalogue());
    await expect(series.append(one, [echoes(hub, Date.now() - 60_000, 2)])).rejects.toThrow(
      /VictoriaMetrics can only be read .*: it turns so where its disk is nearly full/,
    );
  });

  describe("behind the paths of others", () => {
    let proxy: Server;
    afterEach(() => proxy.close());

    /** Passes on what it is asked, by other paths, and remembers what it was asked. */
    async function proxyTo(url: string, rewrite: (path: string) => string) {
      const asked: { path: string; authorization: string | undefined }[] = [];
      proxy = createServer(async (request, response) => {
        asked.push({ path: request.url!, authorization: request.headers.authorization });
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { "content-type": type = "", "content-encoding": encoding } = request.headers;
        const answer = await fetch(url + rewrite(request.url!), {
          method: request.method!,
          headers: {
            "content-type": type,
            ...(encoding === undefined ? {} : { "content-encoding": encoding }),
          },
          ...(request.method === "POST" ? { body: Buffer.concat(chunks) } : {}),
        });
        response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      return { address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
    }

    it("is a cluster, with its tenant in the paths", async () => {
      await using server = await startVictoria();
      const { address, asked } = await proxyTo(server.url, (path) =>
        path.replace("/insert/7:2/influx", "").replace("/select/7:2/prometheus", ""),
      );
      const options = { url: address, readUrl: `${address}/`, tenant: "7:2", token: "abc", now: Date.now };
      const series = createVictoriaSeries(options, emptyCatalogue());
      await series.append(one, [echoes(hub, day0Ms, 4)]);
      expect(await series.read([hub], day0Ms, day0Ms + 120_000)).toEqual([echoes(hub, day0Ms, 4)]);
      expect(asked).toEqual([
        { path: "/insert/7:2/influx/write?precision=ms", authorization: "Bearer abc" },
        { path: "/select/7:2/prometheus/api/v1/export", authorization: "Bearer abc" },
      ]);
    });

    it("is InfluxDB 2, by bucket and organisation", async () => {
      await using server = await startInfluxd();
      await influxQl(server.url, "CREATE DATABASE district");
      const { address, asked } = await proxyTo(server.url, (path) =>
        path.replace(
          "/api/v2/write?bucket=district&org=Diskominfo%20Kutim&precision=us",
          "/write?db=district&precision=u",
        ),
      );
      const more = { api: "v2", database: "district", org: "Diskominfo Kutim", token: "abc" } as const;
      const series = createInfluxSeries(influx(address, more), emptyCatalogue());
      await series.append(one, [echoes(hub, day0Ms, 4)]);
      expect(await series.read([hub], day0Ms, day0Ms + 120_000)).toEqual([echoes(hub, day0Ms, 4)]);
      expect(asked.map(({ authorization }) => authorization)).toEqual(["Token abc", "Token abc"]);
    });

    // As InfluxDB 2.7 answers, by its documentation (docs.influxdata.com/influxdb/v2/api).
    it.each([
      [
        404,
        { code: "not found", message: 'bucket "district" not found' },
        /InfluxDB has no bucket district .*: make it, or see series.bucket in sambung.yaml/,
      ],
      [
        404,
        { code: "not found", message: 'organization name "Kutim" not found' },
        /InfluxDB has no organisation Kutim .*: see series.org in sambung.yaml/,
      ],
      [
        401,
        { code: "unauthorized", message: "unauthorized access" },
        /InfluxDB does not accept the token \(401 .*: see series.token in sambung.yaml/,
      ],
      [
        403,
        { code: "forbidden", message: "insufficient permissions for write" },
        /InfluxDB does not accept the token \(403 .*, and what it may write and read/,
      ],
    ])("is InfluxDB 2 and answers %i: %j", async (status, answer, expected) => {
      proxy = createServer((_, response) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer)),
      );
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const more = { api: "v2", database: "district", org: "Kutim", token: "abc" } as const;
      const series = createInfluxSeries(influx(url, more), emptyCatalogue());
      await expect(series.append(one, [echoes(hub, day0Ms, 2)])).rejects.toThrow(expected);
      await expect(series.ping()).rejects.toThrow(expected);
    });

    it("has a full disk", async () => {
      proxy = createServer((_, response) =>
        response
          .writeHead(500, { "content-type": "application/json" })
          .end('{"error":"write wal: no space left on device"}'),
      );
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const series = createInfluxSeries(influx(url), emptyCatalogue());
      await expect(series.append(one, [echoes(hub, day0Ms, 2)])).rejects.toThrow(
        /the disk of InfluxDB is full .*: make room there, or shorten its retention/,
      );
    });
  });
});
