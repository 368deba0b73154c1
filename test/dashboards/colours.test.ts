import { describe, expect, it } from "vitest";
import { causeMeanings, stateMeanings } from "../../dashboards/lib/meaning.ts";
import { sayIn } from "../../dashboards/lib/say.ts";

/*
 * States and causes as people see them who lack one kind of cone. The matrices are those of Machado, Oliveira and Fernandes
 * (2009), severity 1, on linear RGB; the distance is CIE 1976 ΔE in L*a*b*, of which some 2 is just noticeable.
 */

type Matrix = readonly (readonly [number, number, number])[];
const eyes: Record<string, Matrix> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(color: string): number[] {
  return [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
}

function seen(color: string, matrix: Matrix): number[] {
  const own = linear(color);
  const [r, g, b] = matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, at) => sum + weight * own[at]!, 0),
      ),
    ),
  ) as [number, number, number];
  // sRGB to XYZ under D65, then L*a*b*.
  const curve = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Pairs that are closer than `least`. */
function tooClose(
  meanings: readonly { word: string; color: string }[],
  matrix: Matrix,
  least: number,
): string[] {
  return meanings.flatMap((one, at) =>
    meanings.slice(0, at).flatMap((other) => {
      const [a, b] = [seen(one.color, matrix), seen(other.color, matrix)];
      const distance = Math.hypot(...a.map((value, part) => value - b[part]!));
      return distance < least ? [`${other.word} ${one.word} ${distance.toFixed(1)}`] : [];
    }),
  );
}

describe.each(Object.entries(eyes))("seen with %s", (_name, matrix) => {
  it("no two states are alike", () => {
    expect(tooClose(stateMeanings(sayIn("id")), matrix, 20)).toEqual([]);
  });

  it("no two of the thirteen causes are alike", () => {
    expect(tooClose(causeMeanings(sayIn("id")), matrix, 12)).toEqual([]);
  });
});

it("finds red and green alike for those to whom they are", () => {
  const pair = [
    { word: "green", color: "#8A8A00" },
    { word: "red", color: "#B37400" },
  ];
  expect(tooClose(pair, eyes["deuteranopia"]!, 12).length).toBe(1);
  expect(tooClose(pair, eyes["all cones"]!, 12)).toEqual([]);
});
