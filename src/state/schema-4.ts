/**
 * Messages have a number, by which they go in the order in which they were queued; those from before get theirs by time. One
 * index is enough for what waits: it has all that is looked at before a message is read.
 *
 *   digest_ms   it waits for the digest of that moment
 *   told_in     the digest that has it, or the message that says all of it
 *   remote_id   what the other side calls it
 */
export const schema4 = `
DROP INDEX outbox_by_alert;
DROP INDEX outbox_by_incident;
DROP INDEX outbox_by_remote;
DROP INDEX outbox_held;
DROP INDEX outbox_pending;
DROP INDEX outbox_due;
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, dedupe_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, type TEXT NOT NULL,
  alert TEXT NOT NULL, incident TEXT NOT NULL, payload TEXT NOT NULL, created_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL, sent_ms INTEGER, failed_ms INTEGER, last_error TEXT, digest_ms INTEGER, told_in TEXT,
  remote_id TEXT
) STRICT;
INSERT INTO outbox (id, dedupe_key, channel, type, alert, incident, payload, created_ms, attempts, next_try_ms, sent_ms,
    failed_ms, last_error, digest_ms, told_in, remote_id)
  SELECT id, dedupe_key, channel, type, alert, incident, payload, created_ms, attempts, next_try_ms, sent_ms, failed_ms,
    last_error, digest_ms, told_in, remote_id FROM outbox_before ORDER BY created_ms, id;
DROP TABLE outbox_before;
CREATE INDEX outbox_by_alert ON outbox (alert);
CREATE INDEX outbox_by_incident ON outbox (incident);
CREATE INDEX outbox_by_remote ON outbox (channel, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX outbox_held ON outbox (digest_ms) WHERE digest_ms IS NOT NULL AND told_in IS NULL;
CREATE INDEX outbox_pending ON outbox (channel, seq, next_try_ms, alert, incident, created_ms, sent_ms, failed_ms, digest_ms)
  WHERE sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL;
`;
