import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { IcmpSample } from "../../../probes/probe.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createEchoNet, icmpTarget } from "./echo-net.ts";
import type { EchoNet, EngineProgram, RoundTold } from "./echo-net.ts";

const missing = needs({ root: true, commands: ["fping", "ip", "python3"] });
const sum = (rounds: RoundTold[], of: (sample: IcmpSample) => number) =>
  rounds.reduce((total, { sample }) => total + of(sample), 0);
const allAnswered = (sample: IcmpSample) => sample.recv === sample.sent && sample.sent > 0;
const allSent = (sample: IcmpSample) => sample.sent === 5;
const noneSent = (sample: IcmpSample) => sample.sent === 0;

describe.skipIf(missing !== null)(
  `ICMP by fping${missing ? ` (skipped: ${missing})` : ""}`,
  { timeout: 120_000 },
  () => {
    let net: EchoNet;
    let folder: ReturnType<typeof tempDir>;
    let hostsFile: string;

    beforeAll(async () => {
      folder = tempDir();
      hostsFile = join(folder.path, "hosts");
      writeFileSync(hostsFile, "");
      net = await createEchoNet();
    });
    afterAll(async () => {
      await net[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });

    /** Runs the engine for one test. */
    async function withEngine(
      targets: IcmpTarget[],
      test: (engine: EngineProgram) => Promise<void>,
      command?: string,
    ): Promise<void> {
      const engine = net.startEngine(hostsFile, command);
      try {
        engine.update(targets);
        await test(engine);
      } finally {
        await engine.stop();
      }
      expect(engine.told.at(-1)).toEqual({ stopped: true });
    }

    it.concurrent("tells answered, lost and late echoes, and those of hosts that cannot be reached", async () => {
      await net.order("10.8.8.10 answer");
      await net.order("10.8.8.11 drop 5");
      await net.order("10.8.8.12 twice");
      await net.order("10.8.8.13 late 3000");
      await net.order("10.8.8.14 unreachable");
      await net.order("10.8.8.15 lose 30");
      await net.order("fd00:8::10 answer");
      const target = (id: string, address: string) => icmpTarget({ id, address });
      const targets = [
        target("good", "10.8.8.10"),
        target("fifth", "10.8.8.11"),
        target("twice", "10.8.8.12"),
        target("late", "10.8.8.13"),
        target("refused", "10.8.8.14"),
        icmpTarget({ id: "chance", address: "10.8.8.15", count: 20 }),
        target("nobody", "10.8.8.99"),
        target("good6", "fd00:8::10"),
        target("again", "10.8.8.10"),
      ];
      await withEngine(targets, async (engine) => {
        const fifth = await engine.until("fifth", 10);
        const chance = await engine.until("chance", 15);
        for (const id of ["good", "twice", "good6", "again"]) {
          for (const { sample } of await engine.until(id, 10)) {
            expect(sample).toMatchObject({ sent: 5, recv: 5, unsent: null, lossRun: 0 });
            expect(sample.rttUs).toEqual(sample.rttUs.toSorted((a, b) => a - b));
          }
        }
        for (const id of ["late", "refused", "nobody"]) {
          const lost = { kind: "icmp", sent: 5, recv: 0, rttUs: [], unsent: null, lossRun: 5 };
          for (const { sample } of await engine.until(id, 5)) expect(sample).toEqual(lost);
        }
        for (const { sample } of fifth) expect(sample).toMatchObject({ sent: 5, recv: 4, lossRun: 1 });
        // 3.29 standard deviations: one run of a thousand would leave it by chance, were the seed not fixed.
        const sent = sum(chance, (sample) => sample.sent);
        const lossRatio = 1 - sum(chance, (sample) => sample.recv) / sent;
        expect(Math.abs(lossRatio - 0.3)).toBeLessThan(3.29 * Math.sqrt((0.3 * 0.7) / sent));
      });
    });

    it.concurrent("starts rounds on the grid of the interval, each when its first echo goes out", async () => {
      await net.order("10.8.8.10 answer");
      await withEngine([icmpTarget({ id: "good" })], async (engine) => {
        const rounds = await engine.until("good", 8);
        const startMs = rounds.map(({ monoMs }) => monoMs);
        expect(startMs).toEqual(startMs.toSorted((a, b) => a - b));
        // Not a timed test: fping keeps its grid however late it is served, and we take the earliest line of it.
        const meanMs = (startMs.at(-1)! - startMs[1]!) / (startMs.length - 2);
        expect(meanMs).toBeGreaterThan(850);
        expect(meanMs).toBeLessThan(1_150);
        for (const { monoMs, nowMs } of rounds) expect(nowMs - monoMs).toBeGreaterThanOrEqual(750);
      });
    });

    it.concurrent("does not measure without a route, and does again when the route is back", async () => {
      await net.order("10.66.1.1 answer");
      const targets = [icmpTarget({ id: "away", address: "10.66.1.1" }), icmpTarget({ id: "near" })];
      await withEngine(targets, async (engine) => {
        await engine.until("away", 2, allAnswered);
        net.ip("route", "del", "10.66.0.0/16");
        const cut = await engine.until("away", 3, noneSent);
        for (const { sample } of cut) {
          expect(sample).toEqual({ kind: "icmp", sent: 0, recv: 0, rttUs: [], unsent: "route", lossRun: 0 });
        }
        const whole = engine.rounds("away").filter(({ sample }) => allSent(sample)).length;
        net.ip("route", "add", "10.66.0.0/16", "via", "10.8.8.10");
        await engine.until("away", whole + 3, allSent);
        // Not one echo was lost, only not sent.
        expect(engine.rounds("away").every(({ sample }) => sample.recv === sample.sent)).toBe(true);
        expect(engine.rounds("near").every(({ sample }) => sample.recv === 5)).toBe(true);
        const startMs = engine.rounds("away").map(({ monoMs }) => monoMs);
        expect(startMs).toEqual(startMs.toSorted((a, b) => a - b));
      });
    });

    it.concurrent("says so from the start when there is no route, in either family", async () => {
      const targets = [
        icmpTarget({ id: "v4", address: "10.99.1.1" }),
        icmpTarget({ id: "v6", address: "2001:db8::1" }),
      ];
      await withEngine(targets, async (engine) => {
        for (const id of ["v4", "v6"]) {
          for (const { sample } of await engine.until(id, 2))
            expect(sample).toMatchObject({ sent: 0, unsent: "route" });
        }
      });
    });

    it.concurrent("measures an address again that comes back", async () => {
      await net.order("10.8.8.16 silent");
      await withEngine([icmpTarget({ id: "back", address: "10.8.8.16" })], async (engine) => {
        await engine.until("back", 10, (sample) => sample.sent === 5 && sample.recv === 0);
        const [child] = engine.children();
        await net.order("10.8.8.16 answer");
        await engine.until("back", 3, allAnswered);
        expect(engine.children()).toEqual([child]);
      });
    });

    it.concurrent("sends payload and code point as asked, in either family", async () => {
      await net.order("10.8.8.17 answer");
      await net.order("fd00:8::17 answer");
      const like = { sizeBytes: 900, dscp: 46 };
      const targets = [
        icmpTarget({ id: "v4", address: "10.8.8.17", ...like }),
        icmpTarget({ id: "v6", address: "fd00:8::17", ...like }),
      ];
      await withEngine(targets, async (engine) => {
        await engine.until("v4", 1, allAnswered);
        await engine.until("v6", 1, allAnswered);
        for (const to of ["10.8.8.17", "fd00:8::17"]) {
          expect(net.seen().filter((seen) => seen.to === to)).toEqual([{ to, tos: 184, sizeBytes: 900 }]);
        }
      });
    });

    it.concurrent("starts fping again after it was killed, and tells the gap as not measured", async () => {
      await net.order("10.8.8.10 answer");
      await withEngine([icmpTarget({ id: "good" })], async (engine) => {
        await engine.until("good", 2);
        const [child] = engine.children();
        const before = engine.rounds("good").length;
        process.kill(child!, "SIGKILL");
        await engine.until("good", before + 3, allAnswered);
        const [gap] = await engine.until("good", 1, (sample) => sample.unsent === "local");
        expect(gap?.sample.recv).toBe(gap?.sample.sent);
        expect(engine.told).toContainEqual({ broken: "good", message: "fping ended with SIGKILL" });
        expect(engine.children()).not.toContain(child);
      });
    });

    it.concurrent("changes only the fpings that a change concerns", async () => {
      for (const host of [20, 21, 22, 23]) await net.order(`10.8.8.${host} answer`);
      const small = icmpTarget({ id: "small", address: "10.8.8.20" });
      const large = icmpTarget({ id: "large", address: "10.8.8.21", sizeBytes: 200 });
      const gone = icmpTarget({ id: "gone", address: "10.8.8.22", sizeBytes: 200 });
      await withEngine([small, large, gone], async (engine) => {
        for (const id of ["small", "large", "gone"]) await engine.until(id, 1);
        const before = engine.children();
        expect(before).toHaveLength(2);
        const added = icmpTarget({ id: "added", address: "10.8.8.23", sizeBytes: 200 });
        engine.update([small, large, added]);
        await engine.until("added", 2, allAnswered);
        const after = await waitFor("two fpings", () =>
          engine.children().length === 2 ? engine.children() : null,
        );
        expect(after.filter((child) => before.includes(child))).toHaveLength(1);
        const goneRounds = engine.rounds("gone").length;
        await engine.until("added", 4, allAnswered);
        expect(engine.rounds("gone")).toHaveLength(goneRounds);
        await engine.until("large", 4, allAnswered);
        // The target that was not concerned has a round for each interval.
        for (const { sample } of engine.rounds("small")) expect(sample).toMatchObject({ sent: 5, recv: 5 });
        engine.update([]);
        await waitFor("no fping", () => engine.children().length === 0);
      });
    });

    it.concurrent("follows a name: not resolved, resolved, moved", async () => {
      await net.order("10.8.8.24 answer");
      await net.order("10.8.8.25 answer");
      await withEngine([icmpTarget({ id: "name", address: "gw.desa.test" })], async (engine) => {
        for (const { sample } of await engine.until("name", 2, noneSent)) expect(sample.unsent).toBe("name");
        writeFileSync(hostsFile, "10.8.8.24 gw.desa.test\n");
        await engine.until("name", 2, allAnswered);
        writeFileSync(hostsFile, "10.8.8.25 gw.desa.test\n");
        await net.order("10.8.8.24 silent");
        await engine.until("name", 1, (sample) => sample.sent > 0 && sample.recv === 0);
        const answered = engine.rounds("name").filter(({ sample }) => allAnswered(sample)).length;
        await engine.until("name", answered + 3, allAnswered);
      });
    });

    it.concurrent("refuses what it must not send to, and measures the others", async () => {
      await net.order("10.8.8.10 answer");
      const targets = [
        icmpTarget({ id: "option", address: "-V" }),
        icmpTarget({ id: "family", address: "10.8.8.10", family: 6 }),
        icmpTarget({ id: "good" }),
      ];
      await withEngine(targets, async (engine) => {
        await engine.until("good", 1, allAnswered);
        expect(engine.told).toContainEqual({
          broken: "option",
          message: "target option: address -V must not begin with '-'",
        });
        expect(engine.told).toContainEqual({
          broken: "family",
          message: "target family: family 6, but its address 10.8.8.10 is IPv4",
        });
        expect(engine.rounds("option").concat(engine.rounds("family"))).toEqual([]);
      });
    });

    it.concurrent("starts fping anew when the wall clock is set, since fping lives by it", async () => {
      await net.order("10.8.8.10 answer");
      await withEngine([icmpTarget({ id: "good" })], async (engine) => {
        await engine.until("good", 2);
        const [child] = engine.children();
        engine.setWallStep(56 * 365 * 86_400_000);
        await waitFor(
          "another fping",
          () => engine.children().length === 1 && !engine.children().includes(child!),
        );
        const before = engine.rounds("good").length;
        await engine.until("good", before + 2);
        expect(engine.rounds("good").every(({ sample }) => sample.recv === 5)).toBe(true);
      });
    });

    it.concurrent("tells what an fping that hangs did not send, and starts another", async () => {
      await net.order("10.8.8.10 answer");
      await withEngine([icmpTarget({ id: "good" })], async (engine) => {
        await engine.until("good", 1);
        const [child] = engine.children();
        process.kill(child!, "SIGSTOP");
        for (const { sample } of await engine.until("good", 2, noneSent)) expect(sample.unsent).toBe("local");
        const before = engine.rounds("good").length;
        await engine.until("good", before + 20);
        await engine.until("good", 5, allAnswered);
        expect(engine.children()).not.toContain(child);
      });
    });

    it.concurrent("tells each interval as not measured where there is no fping", async () => {
      await withEngine(
        [icmpTarget({ id: "good" })],
        async (engine) => {
          for (const { sample } of await engine.until("good", 3)) {
            expect(sample).toEqual({
              kind: "icmp",
              sent: 0,
              recv: 0,
              rttUs: [],
              unsent: "local",
              lossRun: 0,
            });
          }
          const broken = engine.told.find((told) => told["broken"] === "good");
          expect(broken?.["message"]).toMatch(/does not start: .*ENOENT/);
        },
        join(folder.path, "no-fping"),
      );
    });

    it("measures the RTT that an fping beside it measures, to 0.1 ms", async () => {
      const addresses = Array.from({ length: 10 }, (_, i) => `10.8.9.${i + 2}`);
      const targets = addresses.map((address) => icmpTarget({ id: address, address, count: 20 }));
      await withEngine(targets, async (engine) => {
        await engine.until(addresses[0]!, 1);
        const beside = net.run("fping", "-C", "100", "-q", "-p", "50", "-i", "2.5", ...addresses);
        await Promise.all(addresses.map((address) => engine.until(address, 5)));
        const theirs = [...(await beside).matchAll(/(?<= )\d+\.\d+/g)].map(([ms]) => Number(ms) * 1000);
        const ours = addresses.flatMap((id) => engine.rounds(id).flatMap(({ sample }) => sample.rttUs));
        expect(theirs.length).toBeGreaterThan(950);
        expect(ours.length).toBeGreaterThan(950);
        expect(Math.abs(median(ours) - median(theirs))).toBeLessThan(100);
      });
    });
  },
);

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
