/**
 * The store of the rounds cannot take them, or give them, now. None of it is the fault of whoever asked, and whoever waits and
 * asks again loses nothing. The message says what is the matter and what an operator does about it.
 */
export class SeriesTrouble extends Error {
  readonly code = "series.trouble";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "SeriesTrouble";
  }
}
