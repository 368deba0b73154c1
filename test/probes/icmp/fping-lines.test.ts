import { describe, expect, it } from "vitest";
import { lost, readLines } from "../../../probes/icmp/fping-lines.ts";

function read(text: string) {
  const outcomes: [string, number, number][] = [];
  const others: string[] = [];
  const rest = readLines(
    text,
    (...outcome) => outcomes.push(outcome),
    (line) => others.push(line),
  );
  return { outcomes, others, rest };
}

const lines = [
  "10.8.1.1   : [0], 64 bytes, 0.036 ms (0.036 avg, 0% loss)",
  "10.8.1.129 : [12], timed out (NaN avg, 100% loss)",
  "ICMP Host Unreachable from 10.8.1.9 for ICMP Echo sent to 10.8.1.130",
  "fd00::1 : [7], 908 bytes, 20.1 ms (19.8 avg, 3% loss)",
  "10.8.1.3 : [65536], 64 bytes, 642 ms (640 avg, 0% loss) [<- 10.8.1.4]",
  "10.8.1.5 : [1], 64 bytes, 1.25 ms (1.20 avg, 0% loss)",
  "10.8.1.6 : [1], 64 bytes, -0.02 ms (1.20 avg, 0% loss)",
];

describe("the lines of fping", () => {
  it("tell address, number and RTT, or that there was no answer", () => {
    expect(read(`${lines.join("\n")}\n`)).toEqual({
      outcomes: [
        ["10.8.1.1", 0, 36],
        ["10.8.1.129", 12, lost],
        ["fd00::1", 7, 20_100],
        ["10.8.1.3", 65_536, 642_000],
        ["10.8.1.5", 1, 1_250],
        ["10.8.1.6", 1, 0],
      ],
      others: [lines[2]],
      rest: "",
    });
  });

  it("are read whole, wherever the text is cut", () => {
    const text = `${lines.join("\n")}\n`;
    const whole = read(text);
    for (let cut = 0; cut <= text.length; cut++) {
      const first = read(text.slice(0, cut));
      const second = read(first.rest + text.slice(cut));
      expect([...first.outcomes, ...second.outcomes]).toEqual(whole.outcomes);
      expect(second.rest).toBe("");
    }
  });

  it.each([
    "",
    "10.8.1.1 : [",
    "10.8.1.1 : [x], 64 bytes, 1 ms",
    "10.8.1.1 : [3",
    "10.8.1.1 : [3], 64 bytes",
  ])("tell nothing when they are like '%s'", (line) => {
    expect(read(`${line}\n${lines[0]}\n`)).toMatchObject({ outcomes: [["10.8.1.1", 0, 36]], others: [line] });
  });
});
