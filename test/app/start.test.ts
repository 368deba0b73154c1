import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { startDnsServer } from "../support/dns-server.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { createApi, end, newAdminKey, sambung, startCollector, writeDistrict } from "./collector.ts";
import type { Collector } from "./collector.ts";
import { startPage } from "./loopback.ts";

const missing = needs({ commands: ["ping"] });
const adminKeyLine = /sbk_[0-9A-Za-z]{36}/;

/** The program's children, by the kernel's own list. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
}

const isAlive = (pid: number) => {
  try {
    // A process that ended and was not yet asked about is gone for our purpose.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

describe.skipIf(missing !== null)(
  `sambung start --with-agent${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    it("starts, stops, starts again with what it knew, and over again without it", async () => {
      using dir = tempDir();
      await using page = await startPage();
      await using dns = await startDnsServer(() => ({ rcode: 0, addresses: ["127.0.0.1"] }));
      writeDistrict(
        dir.path,
        {
          "services.yaml": `- {id: lapor, name: SP4N-LAPOR!, url: "http://127.0.0.1:${page.port}/", control: "64.08", private: true}\n`,
          "targets.yaml": `- {id: host, site: "64.08", role: device, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 1, timeoutMs: 900}
- {id: lapor, site: "64.08", role: service, service: lapor, kind: http, intervalS: 1, timeoutMs: 900}
- {id: lapor-dns, site: "64.08", role: service, service: lapor, kind: dns, name: lapor.test, resolver: "${dns.address}", intervalS: 1, timeoutMs: 900}
`,
        },
        "agents: {reportIntervalS: 1}\n",
      );
      type AgentRow = { id: string; site: string };
      let key = "";
      let collector: Collector;
      const withKey = () => createApi(() => collector.address, key);
      const agents = () => withKey().data<AgentRow[]>("/agents");
      const storedRounds = async (id: string) =>
        (await withKey().data<{ storedRounds: number }>(`/agents/${id}/ledger`)).storedRounds;

      /** Stops as Ctrl-C does, and sees that the agent's process went with it. */
      async function stop(): Promise<void> {
        const children = childrenOf(collector.child.pid!);
        expect(children.length).toBe(1);
        const limit = AbortSignal.timeout(10_000);
        const late = new Promise<string>((resolve) => limit.addEventListener("abort", () => resolve("late")));
        expect(await Promise.race([end(collector, "SIGINT"), late]), collector.err()).toBe(0);
        expect(children.filter(isAlive)).toEqual([]);
      }

      collector = await startCollector(dir.path, {}, ["--with-agent"]);
      try {
        [key] = (await collector.line(adminKeyLine)) as unknown as [string];
        expect(collector.out().match(new RegExp(adminKeyLine, "g"))!.length).toBe(1);
        const [first] = await waitFor(
          "the agent",
          async () => {
            const rows = await agents();
            return rows.length > 0 ? rows : null;
          },
          { everyMs: 100 },
        );
        expect(first!.site).toBe("64.08");
        await waitFor(
          "rounds of all three kinds",
          async () => {
            const rows = await withKey().data<{ target: string; up_ratio: number | null }[]>(
              `/series?target=64.08/host,64.08/lapor,64.08/lapor-dns&metric=up_ratio&step=1m&from=${Date.now() - 600_000}&to=${Date.now() + 60_000}`,
            );
            return new Set(rows.filter((row) => row.up_ratio === 1).map(({ target }) => target)).size === 3;
          },
          { everyMs: 200 },
        );
        await stop();

        const before = await (async () => {
          collector = await startCollector(dir.path, {}, ["--with-agent"]);
          return storedRounds(first!.id);
        })();
        expect(before).toBeGreaterThan(2);
        await waitFor("more rounds of the same agent", async () => (await storedRounds(first!.id)) > before, {
          everyMs: 200,
        });
        expect((await agents()).map(({ id }) => id)).toEqual([first!.id]);
        expect(collector.out()).not.toMatch(adminKeyLine);
        await stop();

        for (const suffix of ["", "-wal", "-shm"])
          rmSync(dir.file(`data/sambung.db${suffix}`), { force: true });
        collector = await startCollector(dir.path, {}, ["--with-agent"]);
        [key] = (await collector.line(adminKeyLine)) as unknown as [string];
        const [second] = await waitFor(
          "a new agent",
          async () => {
            const rows = await agents();
            return rows.length > 0 ? rows : null;
          },
          { everyMs: 100 },
        );
        expect(second!.id).not.toBe(first!.id);
        const kept = readdirSync(dir.file("data"), { recursive: true, encoding: "utf8" });
        // The old agent's folder, under its name and the moment.
        expect(kept.filter((name) => /(^agent|^agent\/64\.08)\.2[^/]*Z$/.test(name)).length).toBe(1);
        await waitFor("its rounds", async () => (await storedRounds(second!.id)) > 0, { everyMs: 200 });
        await stop();
      } finally {
        if (collector.child.exitCode === null && collector.child.signalCode === null) {
          const children = childrenOf(collector.child.pid!);
          collector.child.kill("SIGKILL");
          // The agent holds the same pipes, so the collector's end is only seen when both are gone.
          for (const pid of children) if (isAlive(pid)) process.kill(pid, "SIGKILL");
          await collector.ended;
        }
      }
    }, 90_000);

    const hosts = `- {id: host, kinds: [kabupaten, kecamatan], role: device, kind: icmp, address: 127.0.0.1, count: 1, intervalS: 1, timeoutMs: 900}\n`;

    it("takes its agent with it even when it is killed", async () => {
      using dir = tempDir();
      writeDistrict(dir.path, { "targets.yaml": hosts }, "agents: {reportIntervalS: 1}\n");
      const key = newAdminKey();
      const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key }, ["--with-agent"]);
      let children: number[] = [];
      try {
        const api = createApi(() => collector.address, key);
        const id = await waitFor(
          "the agent",
          async () => (await api.data<{ id: string }[]>("/agents"))[0]?.id,
        );
        await waitFor(
          "its first rounds",
          async () => (await api.data<{ storedRounds: number }>(`/agents/${id}/ledger`)).storedRounds > 0,
          { everyMs: 100 },
        );
        children = childrenOf(collector.child.pid!);
        expect(children.length).toBe(1);
        collector.child.kill("SIGKILL");
        await waitFor("the agent's end", () => !children.some(isAlive), { everyMs: 50 });
      } finally {
        collector.child.kill("SIGKILL");
        for (const pid of children) if (isAlive(pid)) process.kill(pid, "SIGKILL");
        await collector.ended;
      }
    }, 60_000);

    it("has an agent for each site that it was ever started for, and each measures for its own", async () => {
      using dir = tempDir();
      writeDistrict(dir.path, { "targets.yaml": hosts }, "agents: {reportIntervalS: 1}\n");
      const env = { SAMBUNG_ADMIN_KEY: newAdminKey() };
      type Row = { id: string; site: string };
      /** Runs until there are new rounds of this site; answers the agents by then, by site. */
      const startedAt = async (site: string): Promise<Row[]> => {
        const collector = await startCollector(dir.path, env, ["--with-agent", "--site", site]);
        const api = createApi(() => collector.address, env.SAMBUNG_ADMIN_KEY);
        const sinceMs = Date.now();
        try {
          await waitFor(
            `rounds of ${site}`,
            async () =>
              (
                await api.data<{ up_ratio: number | null }[]>(
                  `/series?target=${site}/host&metric=up_ratio&step=1s&from=${sinceMs}&to=${Date.now() + 60_000}`,
                )
              ).length > 0,
            { everyMs: 100 },
          );
          return await api.data<Row[]>("/agents");
        } finally {
          const children = childrenOf(collector.child.pid!);
          expect(await end(collector, "SIGTERM"), collector.err()).toBe(0);
          expect(children.filter(isAlive)).toEqual([]);
        }
      };
      const [own] = await startedAt("64.08");
      expect(own!.site).toBe("64.08");
      const both = await startedAt("64.08.04");
      expect(both.map(({ site }) => site)).toEqual(["64.08", "64.08.04"]);
      const again = await startedAt("64.08");
      expect(again.map(({ id }) => id)).toEqual(both.map(({ id }) => id));
      expect(readdirSync(dir.file("data/agent")).toSorted()).toEqual(["64.08", "64.08.04"]);
    }, 90_000);
  },
);

describe("sambung start", () => {
  it("uses the key it is given, and does not print it", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    const key = newAdminKey();
    const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
    try {
      const own = await createApi(() => collector.address, key).data<{ scopes: string[] }>("/whoami");
      expect(own.scopes).toContain("admin");
      expect(await end(collector, "SIGTERM")).toBe(0);
      expect(collector.out() + collector.err()).not.toContain(key.slice(8));
    } finally {
      await end(collector, "SIGKILL");
    }
  });

  it("refuses a second collector on the same data, and a key that is none", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    const collector = await startCollector(dir.path);
    try {
      const second = sambung(["start"], dir.path, { SAMBUNG_LISTEN: "127.0.0.1:0" });
      expect(await second.ended).toBe(1);
      expect(second.err()).toContain("is another collector running");
    } finally {
      await end(collector, "SIGKILL");
    }
    const bad = sambung(["start"], dir.path, { SAMBUNG_LISTEN: "127.0.0.1:0", SAMBUNG_ADMIN_KEY: "secret" });
    expect(await bad.ended).toBe(1);
    expect(bad.err()).toContain("SAMBUNG_ADMIN_KEY");
    expect(bad.err()).not.toContain("secret");
  });

  it("ends with what is the matter when its port is taken", async () => {
    using dir = tempDir();
    await using page = await startPage();
    writeDistrict(dir.path);
    const started = sambung(["start"], dir.path, { SAMBUNG_LISTEN: `127.0.0.1:${page.port}` });
    expect(await started.ended).toBe(1);
    expect(started.err()).toContain(`${page.port}`);
    expect(started.out()).not.toMatch(adminKeyLine);
    // The key that people see is made by the start that succeeds.
    const collector = await startCollector(dir.path);
    try {
      const [key] = await collector.line(adminKeyLine);
      const own = await createApi(() => collector.address, key).data<{ scopes: string[] }>("/whoami");
      expect(own.scopes).toContain("admin");
    } finally {
      await end(collector, "SIGKILL");
    }
  });

  it("says so when the key it is given was revoked", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    const [first, second] = [newAdminKey(), newAdminKey()];
    for (const key of [first, second]) {
      const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key });
      try {
        if (key === first) continue;
        const api = createApi(() => collector.address, key);
        const keys = await api.data<{ id: string; prefix: string }[]>("/keys");
        const { id } = keys.find(({ prefix }) => prefix === first.slice(0, 8))!;
        const gone = await fetch(`${collector.address}/api/v1/keys/${id}`, {
          method: "DELETE",
          headers: { Authorization: `Bearer ${key}` },
        });
        expect(gone.ok).toBe(true);
      } finally {
        await end(collector, "SIGTERM");
      }
    }
    const started = sambung(["start"], dir.path, {
      SAMBUNG_LISTEN: "127.0.0.1:0",
      SAMBUNG_ADMIN_KEY: first,
    });
    expect(await started.ended).toBe(1);
    expect(started.err()).toContain("SAMBUNG_ADMIN_KEY: this key was revoked; make another with sambung key");
    expect(started.out()).not.toContain("listening");
  });

  it("says that alerts have no link when nobody could open its address", async () => {
    using dir = tempDir();
    writeDistrict(dir.path, {}, `alerts: {channels: [{id: t, kind: telegram, token: "1:a", chatId: "1"}]}\n`);
    const env = { SAMBUNG_LISTEN: "0.0.0.0:0", SAMBUNG_LANG: "en" };
    for (const [publicUrl, said] of [
      ["", true],
      ["https://sambung.test/", false],
    ] as const) {
      const collector = await startCollector(dir.path, { ...env, SAMBUNG_PUBLIC_URL: publicUrl });
      try {
        await collector.line(/^Ctrl-C stops/m);
        expect(collector.out().includes("SAMBUNG_PUBLIC_URL")).toBe(said);
      } finally {
        await end(collector, "SIGKILL");
      }
    }
  });

  it("goes on when nobody reads what it prints any more", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    const collector = await startCollector(dir.path);
    try {
      collector.child.stdout!.destroy();
      // Its last words find a closed pipe.
      expect(await end(collector, "SIGINT"), collector.err()).toBe(0);
    } finally {
      await end(collector, "SIGKILL");
    }
  });

  it("reads the inventory again at SIGHUP, and keeps the old one when the new one is bad", async () => {
    using dir = tempDir();
    const targets = dir.file("inventory/targets.yaml");
    writeDistrict(dir.path, {
      "targets.yaml": `- {id: gw, site: "64.08", role: gateway, kind: icmp, address: 127.0.0.1}\n`,
    });
    const key = newAdminKey();
    const collector = await startCollector(dir.path, { SAMBUNG_ADMIN_KEY: key, SAMBUNG_LOG: "info" });
    const api = createApi(() => collector.address, key);
    const names = async () => (await api.data<{ target: string }[]>("/targets")).map(({ target }) => target);
    try {
      expect(await names()).toEqual(["64.08/gw"]);
      appendFileSync(targets, `- {id: rt, site: "64.08", role: device, kind: icmp, address: 127.0.0.2}\n`);
      collector.child.kill("SIGHUP");
      await waitFor("the second target", async () => (await names()).length === 2, { everyMs: 50 });
      appendFileSync(targets, `- {id: x, site: "64.08", role: router, kind: icmp, address: 127.0.0.3}\n`);
      collector.child.kill("SIGHUP");
      await waitFor("the refusal in the log", () => collector.err().includes("not reloaded"), {
        everyMs: 50,
      });
      expect(collector.err()).toMatch(/targets\.yaml:3 role: .*router.* is not allowed; expected /);
      expect(await names()).toEqual(["64.08/gw", "64.08/rt"]);
      expect(await end(collector, "SIGINT")).toBe(0);
    } finally {
      await end(collector, "SIGKILL");
    }
  });

  it("does not touch the data of a configuration that is bad", async () => {
    using dir = tempDir();
    writeDistrict(dir.path, {}, "lisen: 127.0.0.1:1\n");
    const started = sambung(["start"], dir.path);
    expect(await started.ended).toBe(1);
    expect(started.err()).toMatch(/sambung\.yaml:3 lisen: /);
    expect(existsSync(dir.file("data"))).toBe(false);
  });
});

describe("the command", () => {
  it.each([
    [[], "(nothing)"],
    [["stop"], "stop"],
    [["start", "now"], "now"],
    [["start", "--site", "64.08"], "--site"],
    [["start", "--with-agents"], "--with-agents"],
    [["check", "--config"], "--config"],
  ])("ends with 2 for %j, naming what it did not know", async (args, named) => {
    using dir = tempDir();
    const started = sambung(args, dir.path);
    expect(await started.ended).toBe(2);
    expect(started.err()).toContain(named);
    expect(started.out()).toBe("");
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it.each([["--help"], ["--version"], ["key"]])("ends with 0 for %s", async (arg) => {
    using dir = tempDir();
    const started = sambung([arg], dir.path);
    expect(await started.ended).toBe(0);
    expect(started.out()).toMatch(
      arg === "--help" ? /sambung check/ : arg === "key" ? /^sbk_\w{36}\n$/ : /^\d+\.\d+\.\d+\n$/,
    );
  });

  it("checks the inventory that comes with it, and one's own", async () => {
    using dir = tempDir();
    const shipped = sambung(["check"], dir.path);
    expect(await shipped.ended, shipped.err()).toBe(0);
    expect(shipped.out()).toMatch(/\b160\b/);
    expect(readdirSync(dir.path)).toEqual([]);
    writeDistrict(dir.path);
    const own = sambung(["check"], dir.path, { SAMBUNG_LANG: "en" });
    expect(await own.ended).toBe(0);
    expect(own.out()).toContain("4 sites");
  });

  it.each([
    [
      "sambung.yaml",
      "listen: localhost",
      /sambung\.yaml:1 listen: "localhost" is not allowed; expected host:port/,
    ],
    [
      "sambung.yaml",
      "inventory: ./inventory\nagents:\n  reportIntervalS: 0\n",
      /sambung\.yaml:3 agents\.reportIntervalS: 0 is not allowed; expected seconds from 1 to 86400/,
    ],
    [
      "inventory/targets.yaml",
      '- id: gw\n  site: "64.99"\n  role: gateway\n  kind: icmp\n  address: 127.0.0.1\n',
      /targets\.yaml:2 site: .*64\.99.* is not allowed; expected /,
    ],
    ["inventory/sites.csv", "code,kind\n1,2\n", /sites\.csv:1 /],
  ])(
    "check ends with 1 for a mistake in %s, with file, line, field, value and what is allowed",
    async (file, text, message) => {
      using dir = tempDir();
      writeDistrict(dir.path);
      writeFileSync(dir.file(file), text);
      const started = sambung(["check"], dir.path);
      expect(await started.ended).toBe(1);
      expect(started.err()).toMatch(message);
      expect(started.out()).toBe("");
    },
  );

  it("start names a site that is not in the inventory before it shows a key that nobody would keep", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    const started = sambung(["start", "--with-agent", "--site", "64.99"], dir.path);
    expect(await started.ended).toBe(1);
    expect(started.err()).toContain("--site 64.99: not in the inventory");
    expect(started.out()).toBe("");
  });

  it("check says so when the inventory folder is not there", async () => {
    using dir = tempDir();
    writeDistrict(dir.path);
    renameSync(dir.file("inventory"), dir.file("elsewhere"));
    const started = sambung(["check"], dir.path);
    expect(await started.ended).toBe(1);
    expect(started.err()).toContain("sites.csv");
  });
});
