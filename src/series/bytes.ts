/** Whole numbers as bytes: LEB128 varints, signed ones by zigzag. Exact for |value| ≤ 2^51. */
export interface ByteWriter {
  byte(value: number): void;
  /** 0 ≤ value ≤ 2^53. */
  unsigned(value: number): void;
  signed(value: number): void;
  float64(value: number): void;
  text(value: string): void;
  /** Bytes as they are. */
  raw(bytes: Uint8Array): void;
  /** Bytes written so far. */
  length(): number;
  bytes(): Uint8Array;
}

export interface ByteReader {
  byte(): number;
  unsigned(): number;
  signed(): number;
  float64(): number;
  text(): string;
  /** So many bytes as they are, not copied. */
  raw(length: number): Uint8Array;
  isAtEnd(): boolean;
}

export const largestSigned = 2 ** 51;

export function createByteWriter(): ByteWriter {
  let out = new Uint8Array(512);
  let at = 0;
  const room = (bytes: number) => {
    if (at + bytes <= out.length) return;
    const larger = new Uint8Array(Math.max(2 * out.length, at + bytes));
    larger.set(out);
    out = larger;
  };
  const raw = (bytes: Uint8Array) => {
    room(bytes.length);
    out.set(bytes, at);
    at += bytes.length;
  };
  const unsigned = (value: number) => {
    room(8);
    let rest = value;
    // Above 2^31 the operators on bits would cut it.
    while (rest >= 0x8000_0000) {
      out[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  };
  return {
    byte(value) {
      room(1);
      out[at++] = value;
    },
    unsigned,
    signed: (value) => unsigned(value >= 0 ? value * 2 : -value * 2 - 1),
    float64(value) {
      room(8);
      new DataView(out.buffer).setFloat64(at, value);
      at += 8;
    },
    text(value) {
      const encoded = new TextEncoder().encode(value);
      unsigned(encoded.length);
      raw(encoded);
    },
    raw,
    length: () => at,
    bytes: () => out.slice(0, at),
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
  const raw = (length: number) => {
    at += length;
    return data.subarray(at - length, at);
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
      return new TextDecoder().decode(raw(length));
    },
    raw,
    isAtEnd: () => at >= data.length,
  };
}
