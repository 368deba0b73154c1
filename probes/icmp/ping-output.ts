/*
 * What iputils' ping prints (20221126, Debian 12), and what is read of it:
 *
 *   64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms          one per reply, three significant digits
 *   64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.3 ms (DUP!)   the same echo answered again: not counted
 *   From 10.8.1.9 icmp_seq=2 Destination Host Unreachable           a router's refusal: no reply
 *   5 packets transmitted, 4 received, 20% packet loss, time 804ms  the sum; also printed after SIGINT
 *   ping: connect: Network is unreachable                           no route: nothing else is printed, exit code 2
 *   ping: sendmsg: Network is unreachable                           the route went away; the echo counts as transmitted
 */
export interface PingOutput {
  /** Echo requests sent, or null when ping did not get as far as its sum. */
  transmitted: number | null;
  /** Round-trip times in ms, one per echo that was answered, in order of arrival. */
  rttMs: number[];
  /** Whether the machine itself had no way to the address. */
  noRoute: boolean;
}

export function readPingOutput(output: string): PingOutput {
  const rttMsBySequence = new Map<string, number>();
  for (const line of output.split("\n")) {
    if (line.includes("(DUP!)") || line.includes("(BAD CHECKSUM)")) continue;
    const reply = /\bfrom .*?seq=(\d+) .*\btime[=<]([\d.]+) ?ms/.exec(line);
    const [, sequence, rttMs] = reply ?? [];
    if (sequence === undefined || rttMsBySequence.has(sequence)) continue;
    rttMsBySequence.set(sequence, Number(rttMs));
  }
  const sum = /^(\d+) packets transmitted/m.exec(output);
  return {
    transmitted: sum === null ? null : Number(sum[1]),
    rttMs: [...rttMsBySequence.values()],
    noRoute: /^ping6?: (connect|sendmsg|sendto): (?!Permission denied|Operation not permitted)/m.test(output),
  };
}
