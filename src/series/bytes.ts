/** Whole numbers as bytes: LEB128 varints, signed ones by zigzag. Exact for |value| ≤ 2^51. */
export interface ByteWriter {
  byte(value: number): void;
  /** 0 ≤ value ≤ 2^53. */
  unsigned(value: number): void;
  signed(value: number): void;
  float64(value: number): void;
  text(value: string): void;
  bytes(): Uint8Array;
}

export interface ByteReader {
  byte(): number;
  unsigned(): number;
  signed(): number;
  float64(): number;
  text(): string;
}

export const largestSigned = 2 ** 51;

export function createByteWriter(): ByteWriter {
  const out: number[] = [];
  const scratch = new DataView(new ArrayBuffer(8));
  const unsigned = (value: number) => {
    let rest = value;
    while (rest >= 0x80) {
      out.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    out.push(rest);
  };
  return {
    byte: (value) => void out.push(value),
    unsigned,
    signed: (value) => unsigned(value >= 0 ? value * 2 : -value * 2 - 1),
    float64(value) {
      scratch.setFloat64(0, value);
      for (let i = 0; i < 8; i++) out.push(scratch.getUint8(i));
    },
    text(value) {
      const encoded = new TextEncoder().encode(value);
      unsigned(encoded.length);
      for (const byte of encoded) out.push(byte);
    },
    bytes: () => Uint8Array.from(out),
  };
}

export function createByteReader(data: Uint8Array): ByteReader {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  const unsigned = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (at >= data.length) throw new RangeError("chunk ends inside a number");
      const byte = data[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  return {
    byte: () => view.getUint8(at++),
    unsigned,
    signed() {
      const value = unsigned();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    float64() {
      at += 8;
      return view.getFloat64(at - 8);
    },
    text() {
      const length = unsigned();
      at += length;
      return new TextDecoder().decode(data.subarray(at - length, at));
    },
  };
}
