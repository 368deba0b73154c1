import { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import ping from "ping";

/** After SIGINT ping prints its sum and ends within milliseconds; one that has not by then is killed. */
const killAfterMs = 500;

/** Spawning fails so when the machine is out of processes, files or memory: this round is lost, the probe is not. */
const shortageCodes = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);

/**
 * Runs the system's ping by the `ping` package and gives all that it printed, or null when the machine had no
 * resources to start it. Rejects when there is no ping to run. An abort ends it early, sum included.
 */
export async function runPing(
  address: string,
  options: { echoes: number; intervalMs: number; lingerMs: number; sizeBytes: number; dscp: number },
  signal: AbortSignal,
): Promise<string | null> {
  // No -w (the package's `deadline`): with it ping goes on sending beyond -c until that many were *answered*.
  const probing = startPing(() =>
    ping.promise.probe(address, {
      min_reply: options.echoes,
      timeout: options.lingerMs / 1000,
      packetSize: options.sizeBytes,
      extra: extraArguments(options),
    }),
  );
  let spawnError: NodeJS.ErrnoException | undefined;
  probing.child?.once("error", (error) => (spawnError = error));
  let killTimer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    probing.child?.kill("SIGINT");
    killTimer = setTimeout(() => probing.child?.kill("SIGKILL"), killAfterMs);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    return (await probing.result).output;
  } catch (error) {
    // The package words every failure of the child alike; some (EPERM) never make it to a child.
    const reason: NodeJS.ErrnoException = spawnError ?? (error as Error);
    if (shortageCodes.has(reason.code ?? "")) return null;
    throw new Error(`cannot run the ping command (Debian package iputils-ping): ${reason.message}`, {
      cause: reason,
    });
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener("abort", interrupt);
  }
}

function extraArguments({ intervalMs, dscp }: { intervalMs: number; dscp: number }): string[] {
  const args = ["-i", (intervalMs / 1000).toFixed(3)];
  // -Q takes the whole octet, of which the code point is the upper six bits (RFC 2474 §3).
  if (dscp !== 0) args.push("-Q", String(dscp << 2));
  return args;
}

/**
 * The package keeps its child process to itself, so that nobody could end it. Node announces each new child on the
 * channel `child_process`, synchronously, and the package spawns before probe() returns: what is announced in between
 * is ours.
 */
function startPing<T>(probe: () => Promise<T>): { result: Promise<T>; child: ChildProcess | undefined } {
  let child: ChildProcess | undefined;
  const take = (message: unknown) => {
    const announced = (message as { process?: unknown }).process;
    if (announced instanceof ChildProcess) child = announced;
  };
  subscribe("child_process", take);
  try {
    const result = probe();
    return { result, child };
  } finally {
    unsubscribe("child_process", take);
  }
}
