/** Where a batch's rounds end, by which they are looked for in an engine of its own (docs/decisions/0049). */
export const schema5 = `
-- Start of the last of the rounds, epoch ms; null: it has none, or was stored before this was written down.
ALTER TABLE batches ADD COLUMN last_ms INTEGER;
`;
