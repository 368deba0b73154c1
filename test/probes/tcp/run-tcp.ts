import { once } from "node:events";
import { createServer } from "node:net";
import type { TcpTarget } from "#wire/targets-v1.ts";
import { createTcpProbe } from "../../../probes/tcp.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { probeContext } from "../../support/probe-context.ts";
import { notebook } from "../http/checks.ts";

// A program: one round of the target given as JSON, names resolved by the hosts file given, with a server on the
// target's port of 127.0.0.1. Its sample and notes are printed as JSON. Run in a network namespace of its own.
const target = JSON.parse(process.argv[2] ?? "") as TcpTarget;
const server = createServer().listen(target.port, "127.0.0.1");
await once(server, "listening");
const { note, notes } = notebook();
const probe = createTcpProbe(createResolve({ hostsFile: process.argv[3] ?? "" }));
const sample = await probe(target, probeContext({ timeoutMs: target.timeoutMs, note }));
server.close();
process.stdout.write(JSON.stringify({ sample, notes }));
