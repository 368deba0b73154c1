import { readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { firstStart } from "../../dashboards/compose/first-start.ts";
import type { FirstStartOptions } from "../../dashboards/compose/first-start.ts";
import { isWellFormedKey, makeKey } from "../../src/state/keys.ts";
import { appWithData } from "../support/app-with-data.ts";
import type { AppWithData } from "../support/app-with-data.ts";
import { tempDir } from "../support/temp-dir.ts";

const server = "http://collector.test";

function optionsIn(dir: { file(name: string): string }, collector: AppWithData): FirstStartOptions {
  return {
    server,
    adminKey: collector.keys.admin,
    site: "64.08",
    grafanaKeyFile: dir.file("grafana/key"),
    agentTokenFile: dir.file("agent/token"),
  };
}

const fetchOf =
  ({ app }: AppWithData) =>
  async (url: string, init?: RequestInit): Promise<Response> =>
    app.request(url, init);

const get = ({ app }: AppWithData, path: string, key: string) =>
  app.request(`${server}${path}`, { headers: { authorization: `Bearer ${key}` } });

describe("first start", () => {
  it("gives Grafana a key that reads and nothing more", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = optionsIn(dir, collector);
    await firstStart(options, fetchOf(collector));
    const key = readFileSync(options.grafanaKeyFile, "utf8");
    expect(statSync(options.grafanaKeyFile).mode & 0o777).toBe(0o444);
    expect((await get(collector, "/api/v1/map", key)).status).toBe(200);
    expect((await get(collector, "/api/v1/keys", key)).status).toBe(403);
  });

  it("gives the agent a token with which it can enrol at its site", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = optionsIn(dir, collector);
    await firstStart(options, fetchOf(collector));
    const token = readFileSync(options.agentTokenFile, "utf8");
    expect(isWellFormedKey(token, "sbe")).toBe(true);
    const enrolled = await collector.app.request(`${server}/api/v1/agents/enrol`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, hardware: "test", version: "0" }),
    });
    expect(await enrolled.json()).toMatchObject({ site: "64.08" });
  });

  it("keeps Grafana's key on the next start, and makes a new token", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = optionsIn(dir, collector);
    await firstStart(options, fetchOf(collector));
    const before = [options.grafanaKeyFile, options.agentTokenFile].map((file) => readFileSync(file, "utf8"));
    const done = await firstStart(options, fetchOf(collector));
    expect(done[0]).toContain("kept");
    expect(readFileSync(options.grafanaKeyFile, "utf8")).toBe(before[0]);
    expect(readFileSync(options.agentTokenFile, "utf8")).not.toBe(before[1]);
  });

  it("makes a new key when the collector does not take the one that is there", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = optionsIn(dir, collector);
    await firstStart(options, fetchOf(collector));
    const foreign = makeKey("sbk");
    using other = tempDir();
    const again = { ...options, grafanaKeyFile: other.file("key") };
    writeFileSync(again.grafanaKeyFile, foreign);
    await firstStart(again, fetchOf(collector));
    const key = readFileSync(again.grafanaKeyFile, "utf8");
    expect(key).not.toBe(foreign);
    expect((await get(collector, "/api/v1/whoami", key)).status).toBe(200);
  });

  it("says which request was refused, and writes nothing, with a key that may not", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = { ...optionsIn(dir, collector), adminKey: collector.keys.read };
    await expect(firstStart(options, fetchOf(collector))).rejects.toThrow("POST /api/v1/keys: 403");
    expect(() => statSync(options.grafanaKeyFile)).toThrow("ENOENT");
  });

  it("names the site when the inventory does not have it", async () => {
    await using collector = await appWithData();
    using dir = tempDir();
    const options = { ...optionsIn(dir, collector), site: "99.99" };
    await expect(firstStart(options, fetchOf(collector))).rejects.toThrow(/tokens: 422 .*99\.99/);
  });
});
