import snmp from "net-snmp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { ProbeFn, SnmpSample } from "../../../probes/probe.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { createSnmpProbe } from "../../../probes/snmp/snmp.ts";
import { needs } from "../../support/needs.ts";
import { probeContext, targetBase } from "../../support/probe-context.ts";
import { waitFor } from "../../support/wait-for.ts";
import { authNames, keys, privNames, startV3Snmpd, userOf } from "./v3-snmpd.ts";
import { freeUdpPort } from "../../support/free-port.ts";
import type { AuthName, PrivName, V3Snmpd } from "./v3-snmpd.ts";

type AuthV3 = Extract<SnmpTarget["auth"], { version: "3" }>;

const sysUpTime = "1.3.6.1.2.1.1.3.0";
const createProbe = (): ProbeFn<SnmpTarget> => createSnmpProbe(createResolve());

function authOf(auth: AuthName, priv: PrivName | "none", overrides: Partial<AuthV3> = {}): AuthV3 {
  return {
    version: "3",
    user: userOf(auth, priv),
    authProtocol: auth,
    privProtocol: priv,
    ...keys,
    ...overrides,
  };
}

async function poll(probe: ProbeFn<SnmpTarget>, port: number, auth: AuthV3, timeoutMs = 15_000) {
  const target: SnmpTarget = {
    ...targetBase(),
    kind: "snmp",
    address: "127.0.0.1",
    port,
    auth,
    oids: { sysUpTime },
    profile: null,
  };
  return (await probe(target, probeContext({ timeoutMs }))) as SnmpSample;
}

const answered = { kind: "snmp", ok: 1, values: { sysUpTime: expect.any(Number) }, why: null };
const failed = (why: SnmpSample["why"]) => ({ kind: "snmp", ok: 0, values: { sysUpTime: null }, why });

const missing = needs({ commands: ["snmpd"] });
describe.skipIf(missing !== null)(`SNMP v3 against snmpd${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let snmpd: V3Snmpd;
  beforeAll(async () => void (snmpd = await startV3Snmpd()));
  afterAll(() => snmpd[Symbol.asyncDispose]());

  const auths = Object.keys(authNames) as AuthName[];
  const privs = Object.keys(privNames) as PrivName[];
  const pairs = auths.flatMap((auth) => (["none", ...privs] as const).map((priv) => [auth, priv] as const));

  it.each(pairs)("opens with %s and %s, and again in the next round", async (auth, priv) => {
    const probe = createProbe();
    for (let round = 0; round < 2; round++) {
      expect(await poll(probe, snmpd.port, authOf(auth, priv))).toEqual(answered);
    }
  });

  it.each<[string, AuthV3, SnmpSample["why"]]>([
    ["a wrong authentication key", authOf("sha256", "aes", { authKey: "sandi-yang-salah" }), "auth"],
    ["an unknown user", authOf("sha256", "aes", { user: "siapa" }), "auth"],
    ["another protocol than the user's", authOf("sha512", "aes", { user: userOf("sha256", "aes") }), "auth"],
    ["less than the user's level", authOf("sha256", "none", { user: userOf("sha256", "aes") }), "error"],
    // RFC 3414 §3.2 step 8a has a report for it; snmpd keeps silent.
    ["a wrong privacy key", authOf("sha256", "aes", { privKey: "sandi-yang-salah" }), "timeout"],
  ])("%s is not ok, and told", async (_what, auth, why) => {
    expect(await poll(createProbe(), snmpd.port, auth, why === "timeout" ? 1_000 : 15_000)).toEqual(
      failed(why),
    );
  });

  it.each([
    ["its boots counted", [null]],
    ["its boots not counted", [5, 5]],
    ["fewer boots than before", [9, 3]],
  ])("goes on in the very round after a restart with %s", async (_what, boots) => {
    const probe = createProbe();
    const auth = authOf("sha256", "aes256b");
    expect(await poll(probe, snmpd.port, auth)).toEqual(answered);
    for (const wanted of boots) {
      await snmpd.restart(wanted);
      expect(await poll(probe, snmpd.port, auth)).toEqual(answered);
    }
  });

  it("is refused where nothing listens, and goes on when something does", async () => {
    const probe = createProbe();
    const gone = await freeUdpPort();
    expect(await poll(probe, gone, authOf("sha", "aes"))).toEqual(failed("refused"));
    expect(await poll(probe, snmpd.port, authOf("sha", "aes"))).toEqual(answered);
  });
});

/** net-snmp's own agent, whose engine's clock a test can set: an hour back, ten years on. */
describe("SNMP v3 and an engine whose clock is far off", () => {
  const auth: AuthV3 = {
    version: "3",
    user: "pemantau",
    authProtocol: "sha256",
    privProtocol: "aes",
    ...keys,
  };

  it.each([
    ["on by ten years", 315_360_000, answered],
    ["back by a day", 10, answered],
  ])("goes on when it is set %s", async (_what, engineTime, expected) => {
    await using agent = await startAgent(auth);
    agent.engine.engineTime = 86_400;
    const probe = createProbe();
    expect(await poll(probe, agent.port, auth)).toEqual(answered);
    agent.engine.engineTime = engineTime;
    expect(await poll(probe, agent.port, auth)).toEqual(expected);
    expect(await poll(probe, agent.port, auth)).toEqual(expected);
  });

  it("is told where it can never be agreed on: boots at their end (RFC 3414 §2.2.3)", async () => {
    await using agent = await startAgent(auth);
    agent.engine.engineBoots = 2_147_483_647;
    expect(await poll(createProbe(), agent.port, auth)).toEqual(failed("engine"));
  });
});

interface MadeEngine {
  engineBoots: number;
  engineTime: number;
}

async function startAgent(auth: AuthV3) {
  const { user, authKey, privKey } = auth;
  const port = await freeUdpPort();
  const agent = snmp.createAgent(
    { port, address: "127.0.0.1", disableAuthorization: false },
    () => undefined,
  );
  agent.getAuthorizer().addUser({
    name: user,
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256,
    authKey,
    privProtocol: snmp.PrivProtocols.aes,
    privKey,
  });
  agent.registerProvider({
    name: "sysUpTime",
    type: snmp.MibProviderType.Scalar,
    oid: "1.3.6.1.2.1.1.3",
    scalarType: snmp.ObjectType.TimeTicks,
    maxAccess: snmp.MaxAccess["read-only"],
  });
  agent.getMib().setScalarValue("sysUpTime", 4711);
  const { engine } = agent as unknown as { engine: MadeEngine };
  await waitFor("the agent to listen", async () => (await poll(createProbe(), port, auth)).ok === 1, {
    everyMs: 20,
  });
  return { port, engine, [Symbol.asyncDispose]: async () => void agent.close() };
}
