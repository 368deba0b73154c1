/**
 * Numbers from a seed, 0 to 1, 1 excluded: the same seed gives the same ones on every machine. sfc32 of the PractRand test
 * suite, 128 bits of state, of which the seed fills the counter's neighbours; its first twelve numbers mix them.
 */
export function createRandom(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9 | 0, Math.floor(seed / 4_294_967_296) | 0, seed | 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let mixed = 0; mixed < 12; mixed++) next();
  return next;
}
