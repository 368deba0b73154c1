import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { startDnsServer } from "../support/dns-server.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { createApi, newAdminKey, startCollector, writeDistrict } from "./collector.ts";

/*
 * A machine that reaches nothing must not blame the service, and one that reaches the world must not blame the network.
 * "Outside" is a name server and a page on the loopback that answer until they are known, and then are gone: of what never
 * answered nothing is said.
 */

const missing = needs({ commands: ["ping"] });

interface SiteRow {
  state: string;
  cause: string | null;
  services: { service: string; state: string; cause: string | null }[];
}
interface OutageRow {
  site: string;
  service: string | null;
  cause: string;
  root: string;
  evidence: { fact: string; target: string | null; detail: Record<string, unknown> }[];
}

const common = "intervalS: 1, timeoutMs: 900";

interface Answer {
  site: SiteRow;
  outages: OutageRow[];
}

const isJudged = ({ site }: Answer) =>
  site.services.some(({ state }) => state !== "unknown" && state !== "up");

/**
 * What the collector says of a site from which the service's name or page cannot be had, once it is all that there is
 * to say: a silent name server takes its time, and the first verdict stands on what came before it.
 */
async function say(
  more: string,
  service: (dns: string) => string,
  isAll: (answer: Answer) => boolean,
  { isSilent = false } = {},
) {
  using dir = tempDir();
  let answers = true;
  const page = createServer((_request, response) => void (answers && response.end("LAPOR!")));
  await using outside = new AsyncDisposableStack();
  const listening = outside.use(await listen(page));
  await using resolving = new AsyncDisposableStack();
  const names = resolving.use(await startDnsServer(() => ({ rcode: 0, addresses: ["127.0.0.1"] })));
  writeDistrict(
    dir.path,
    {
      "services.yaml": `- {id: lapor, name: SP4N-LAPOR!, url: "http://127.0.0.1:${listening.port}/", control: "64.08", private: true}\n`,
      "targets.yaml": `- {id: host, site: "64.08", role: device, kind: icmp, address: 127.0.0.1, count: 1, ${common}}\n${service(names.address)}${more}`,
    },
    "agents: {reportIntervalS: 1}\n",
  );
  const key = newAdminKey();
  const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key }, ["--with-agent"]);
  const api = createApi(() => collector.address, key);
  try {
    await waitFor("a service that answers", async () => {
      const { services } = await api.data<SiteRow>("/sites/64.08");
      return services.some(({ state }) => state === "up");
    });
    // Nobody says anything any more; or all are gone, and the machine says so.
    answers = false;
    await resolving.disposeAsync();
    if (!isSilent) await outside.disposeAsync();
    return await waitFor(
      "the judgement of the service",
      async () => {
        const answer: Answer = {
          site: await api.data<SiteRow>("/sites/64.08"),
          outages: await api.data<OutageRow[]>("/outages?open=true"),
        };
        return isAll(answer) ? answer : null;
      },
      { everyMs: 200 },
    );
  } finally {
    collector.child.kill("SIGINT");
    expect(await collector.ended, collector.err()).toBe(0);
  }
}

const dnsTarget = (dns: string) =>
  `- {id: lapor-dns, site: "64.08", role: service, service: lapor, kind: dns, name: lapor.test, resolver: "${dns}", ${common}}\n`;
const httpTarget = () =>
  `- {id: lapor, site: "64.08", role: service, service: lapor, kind: http, ${common}}\n`;
const anchor = `- {id: anchor, site: "64.08", role: anchor, kind: icmp, address: 127.0.0.2, count: 1, ${common}}\n`;

const isOutside = ({ fact }: { fact: string }) => fact.startsWith("outside.");
/** The first verdict may stand on one of them, and count the other's last answer. */
const areBothSilent = (answer: Answer) => {
  const facts = answer.outages.flatMap(({ evidence }) => evidence.filter(isOutside));
  return isJudged(answer) && facts.length === 2 && facts.every(({ fact }) => fact === "outside.silent");
};
const isDown = ({ site }: Answer) => site.services.some(({ state }) => state === "down");

describe.skipIf(missing !== null)(`a vantage${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  it("that reaches nothing outside says so, and does not blame the service", async () => {
    const { site, outages } = await say("", (dns) => dnsTarget(dns) + httpTarget(), areBothSilent, {
      isSilent: true,
    });
    expect(site.state).toBe("down");
    expect(site.services).toMatchObject([{ service: "lapor", state: "unreachable", cause: site.cause }]);
    expect(site.cause).toBe("link");
    expect(outages.map(({ site: code, service, cause, root }) => [code, service, cause, root])).toEqual([
      ["64.08", null, "link", "64.08"],
    ]);
    const told = outages[0]!.evidence.filter(isOutside);
    expect(told.map(({ target, detail }) => [target, detail["phase"]])).toEqual([
      ["64.08/lapor", "timeout"],
      ["64.08/lapor-dns", "dns"],
    ]);
  }, 60_000);

  it("that reaches an anchor says that the service does not answer", async () => {
    const { site, outages } = await say(anchor, (dns) => dnsTarget(dns) + httpTarget(), isDown);
    expect([site.state, site.services]).toMatchObject(["up", [{ state: "down", cause: "service" }]]);
    expect(outages.map(({ service, cause, root }) => [service, cause, root])).toEqual([
      ["lapor", "service", "service:lapor"],
    ]);
    expect(outages[0]!.evidence[0]).toMatchObject({
      fact: "service.phase",
      target: "64.08/lapor",
      detail: { phase: "refused" },
    });
  }, 60_000);

  it("that reaches an anchor but no name server says dns", async () => {
    const { site, outages } = await say(anchor, dnsTarget, isDown);
    expect([site.state, site.services]).toMatchObject(["up", [{ state: "down", cause: "dns" }]]);
    expect(outages.map(({ service, cause }) => [service, cause])).toEqual([["lapor", "dns"]]);
  }, 60_000);
});
