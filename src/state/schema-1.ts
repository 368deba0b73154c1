/** The first step: the whole schema as it was when steps began to be numbered. It is released, and changes no more (migrations.ts). */
export const schema1 = `
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE enrol_tokens (
  hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, prefix TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL,
  expires_ms INTEGER NOT NULL, used_ms INTEGER, used_by TEXT, nonce_hash TEXT, revoked_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id TEXT PRIMARY KEY, site TEXT NOT NULL, kind TEXT NOT NULL, hardware TEXT NOT NULL, version TEXT NOT NULL,
  enrolled_ms INTEGER NOT NULL, revoked_ms INTEGER, rotate_asked_ms INTEGER
) STRICT, WITHOUT ROWID;
-- A table of its own, so that two keys may overlap while one is rotated.
CREATE TABLE agent_keys (
  hash TEXT PRIMARY KEY, agent TEXT NOT NULL, prefix TEXT NOT NULL, made_ms INTEGER NOT NULL, used_ms INTEGER, revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_keys_by_agent ON agent_keys (agent);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, prefix TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, provider TEXT,
  created_ms INTEGER NOT NULL, expires_ms INTEGER, replaced_by TEXT, revoked_ms INTEGER
) STRICT, WITHOUT ROWID;

-- What administrators did, and who tried. Rows come and never change or go, whatever a program of ours may get wrong.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, time_ms INTEGER NOT NULL, actor TEXT NOT NULL, actor_name TEXT NOT NULL, address TEXT,
  action TEXT NOT NULL, subject TEXT NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END;
CREATE TRIGGER audit_is_whole BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END;

-- One row per stored batch: the ledger's truth, and both clock readings as they came. Agent and boot are ids of names.
CREATE TABLE batches (
  agent INTEGER NOT NULL, seq INTEGER NOT NULL, boot INTEGER NOT NULL, rounds INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
  mono_ms INTEGER NOT NULL, synced INTEGER NOT NULL, received_ms INTEGER NOT NULL, offset_ms INTEGER NOT NULL,
  uncertainty_ms INTEGER NOT NULL,
  PRIMARY KEY (agent, seq)
) STRICT, WITHOUT ROWID;
-- The seqs of batches as merged ranges, and their sums: kept with each commit, so that reading the ledger is cheap.
CREATE TABLE ledger_ranges (agent TEXT NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, PRIMARY KEY (agent, from_seq)) STRICT, WITHOUT ROWID;
CREATE TABLE ledgers (
  agent TEXT PRIMARY KEY, last_seq INTEGER NOT NULL, produced INTEGER NOT NULL, thinned INTEGER NOT NULL, lost INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  -- Arrival of the last batch.
  seen_ms INTEGER NOT NULL,
  -- What the agent last said of its spool, and when.
  waiting INTEGER, oldest_ms INTEGER, said_ms INTEGER,
  -- The last numbers that could not be; JSON.
  contradiction TEXT, contradicted_ms INTEGER
) STRICT, WITHOUT ROWID;
-- The counter of each agent's uplink, as it stood last in each month.
CREATE TABLE sent_bytes (agent TEXT NOT NULL, month TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (agent, month)) STRICT, WITHOUT ROWID;
CREATE TABLE clock_anchors (
  agent TEXT NOT NULL, host_boot TEXT NOT NULL, offset_ms INTEGER NOT NULL, uncertainty_ms INTEGER NOT NULL, source TEXT NOT NULL,
  boot_ms INTEGER NOT NULL, boot_uncertainty_ms INTEGER NOT NULL, first_start INTEGER, last_start INTEGER,
  last_seq INTEGER NOT NULL, last_mono_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  PRIMARY KEY (agent, host_boot)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  id INTEGER PRIMARY KEY, agent TEXT NOT NULL, site TEXT NOT NULL, time_ms INTEGER NOT NULL, type TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_time ON events (time_ms);
CREATE INDEX events_of_spools ON events (agent) WHERE type IN ('spool.thinned', 'spool.lost');
-- Rounds older than the watch reviews of itself, not yet judged: written with the rounds, gone with the judgement.
CREATE TABLE late_touches (id INTEGER PRIMARY KEY AUTOINCREMENT, from_ms INTEGER NOT NULL) STRICT;

-- Every target that was ever measured, as it was last defined: what is taken out of the inventory keeps its past.
CREATE TABLE targets (key TEXT NOT NULL, kind TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (key, kind)) STRICT, WITHOUT ROWID;

-- Insert-only but for superseded_ms: what was known when can be read back.
CREATE TABLE outage_revisions (
  id TEXT NOT NULL, revision INTEGER NOT NULL, known_ms INTEGER NOT NULL, superseded_ms INTEGER, withdrawn INTEGER NOT NULL,
  site TEXT NOT NULL, link TEXT, service TEXT, start_ms INTEGER NOT NULL, end_ms INTEGER, cause TEXT NOT NULL,
  confidence TEXT NOT NULL, evidence TEXT NOT NULL, root TEXT NOT NULL, incident TEXT NOT NULL, of_link INTEGER NOT NULL,
  PRIMARY KEY (id, revision)
) STRICT, WITHOUT ROWID;
-- An open end counts as far away: only then can one index serve "still lasts, or ended after".
CREATE INDEX outages_current ON outage_revisions (coalesce(end_ms, 8640000000000000)) WHERE superseded_ms IS NULL AND withdrawn = 0;
-- Of one site, as its page and its month are read.
CREATE INDEX outages_of_site ON outage_revisions (site, coalesce(end_ms, 8640000000000000)) WHERE superseded_ms IS NULL AND withdrawn = 0;
CREATE INDEX outages_by_incident ON outage_revisions (incident);

-- Providers' own view of the table (partner-store.ts). Outages that were revised, and not yet followed there: written with
-- the revisions, gone with the following.
CREATE TABLE partner_touches (id INTEGER PRIMARY KEY AUTOINCREMENT, outage TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE partner_outages (
  provider TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, outage TEXT NOT NULL, link TEXT NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER, withdrawn INTEGER NOT NULL, changed_ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (provider, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_outages_by_number ON partner_outages (provider, number);
CREATE UNIQUE INDEX partner_outages_by_seq ON partner_outages (provider, seq);
CREATE INDEX partner_outages_of ON partner_outages (outage);
CREATE TABLE partner_changes (
  provider TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, at_ms INTEGER NOT NULL, change TEXT NOT NULL,
  PRIMARY KEY (provider, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_changes_of ON partner_changes (provider, id, seq);
-- Answers to writes with an Idempotency-Key, for 24 hours.
CREATE TABLE partner_once (
  provider TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, at_ms INTEGER NOT NULL, status INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (provider, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_once_by_time ON partner_once (at_ms);
-- The hook is JSON: a provider has a few of them.
CREATE TABLE partner_hooks (
  id TEXT PRIMARY KEY, provider TEXT NOT NULL, kind TEXT NOT NULL, disabled INTEGER NOT NULL, hook TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_hooks_of ON partner_hooks (provider);
CREATE TABLE partner_deliveries (
  hook TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, attempts INTEGER NOT NULL, next_try_ms INTEGER NOT NULL,
  sent_ms INTEGER, last_error TEXT,
  PRIMARY KEY (hook, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_deliveries_waiting ON partner_deliveries (hook, id, seq) WHERE sent_ms IS NULL;

-- link and service are empty for the site itself.
CREATE TABLE states (
  site TEXT NOT NULL, link TEXT NOT NULL, service TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER, state TEXT NOT NULL,
  cause TEXT, known_ms INTEGER NOT NULL,
  PRIMARY KEY (site, link, service, start_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX states_by_end ON states (service, coalesce(end_ms, 8640000000000000));
CREATE INDEX states_open ON states (site, service) WHERE end_ms IS NULL;
-- Sites of several links are few: without it their rows are looked for among those of all.
CREATE INDEX states_of_links ON states (site, coalesce(end_ms, 8640000000000000)) WHERE link <> '';
-- What was usual for a target in each hour of a day (watch/baselines.ts).
CREATE TABLE baselines (key TEXT NOT NULL, day INTEGER NOT NULL, hours BLOB NOT NULL, PRIMARY KEY (key, day)) STRICT, WITHOUT ROWID;

-- What stood there and was replaced: known from known_ms on, until superseded_ms.
CREATE TABLE past_states (
  site TEXT NOT NULL, link TEXT NOT NULL, service TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER, state TEXT NOT NULL,
  cause TEXT, known_ms INTEGER NOT NULL, superseded_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX past_states_by_time ON past_states (service, superseded_ms);

-- Losses too short for an outage (outage/blips.ts). Insert-only but for superseded_ms, as outage_revisions.
CREATE TABLE blips (
  site TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, cause TEXT NOT NULL, measured TEXT NOT NULL,
  root TEXT NOT NULL, known_ms INTEGER NOT NULL, superseded_ms INTEGER,
  PRIMARY KEY (site, start_ms, known_ms)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX blips_current ON blips (site, start_ms) WHERE superseded_ms IS NULL;
CREATE INDEX blips_by_end ON blips (end_ms);

-- Announced work; plan is JSON. A change supersedes a version, and adds one unless the plan was withdrawn.
CREATE TABLE maintenance (
  id TEXT NOT NULL, version INTEGER NOT NULL, source TEXT NOT NULL, plan TEXT NOT NULL, known_ms INTEGER NOT NULL,
  superseded_ms INTEGER,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
-- From where on the table has to be read anew in the light of changed plans: written with them, gone with the reading.
CREATE TABLE maintenance_touches (id INTEGER PRIMARY KEY AUTOINCREMENT, from_ms INTEGER NOT NULL) STRICT;

-- Complaints, without anything that somebody wrote (complaint-store.ts). Insert-only but for superseded_ms, until a case is
-- deleted or past its retention: then all of it goes. about: 1 yes, 0 no, -1 nobody said.
CREATE TABLE complaint_cases (
  hash TEXT NOT NULL, version INTEGER NOT NULL, area TEXT NOT NULL, day TEXT NOT NULL, channel TEXT NOT NULL, topic TEXT NOT NULL,
  about INTEGER NOT NULL, status TEXT, verified_day TEXT, followed_up_day TEXT, closed_day TEXT, import TEXT NOT NULL,
  known_ms INTEGER NOT NULL, superseded_ms INTEGER,
  PRIMARY KEY (hash, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_cases_by_day ON complaint_cases (day);
-- Cases that are only counted, by another name than their hash (complaint-rows.ts): where each is counted, and nothing else of it.
CREATE TABLE complaint_bare (
  name TEXT PRIMARY KEY, day TEXT NOT NULL, area TEXT NOT NULL, channel TEXT NOT NULL, topic TEXT NOT NULL, about INTEGER NOT NULL,
  known_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_bare_by_day ON complaint_bare (day);
-- Numbers that came without cases.
CREATE TABLE complaint_counts (
  area TEXT NOT NULL, day TEXT NOT NULL, channel TEXT NOT NULL, topic TEXT NOT NULL, about INTEGER NOT NULL, version INTEGER NOT NULL,
  count INTEGER NOT NULL, import TEXT NOT NULL, known_ms INTEGER NOT NULL, superseded_ms INTEGER,
  PRIMARY KEY (day, area, channel, topic, about, version)
) STRICT, WITHOUT ROWID;
-- What somebody asked to have deleted, so that the next export does not bring it back.
CREATE TABLE complaint_deletions (hash TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE complaint_imports (
  id TEXT PRIMARY KEY, time_ms INTEGER NOT NULL, surface TEXT NOT NULL, file_hash TEXT NOT NULL, refused INTEGER NOT NULL,
  first_day TEXT, last_day TEXT, result TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_imports_by_time ON complaint_imports (time_ms);
CREATE TABLE contacts (
  time_ms INTEGER NOT NULL, area TEXT NOT NULL, channel TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (time_ms, area, channel)
) STRICT, WITHOUT ROWID;
-- When contacts of a channel were being counted: in these spans no row is no contact, and outside nobody knows. Without overlap.
CREATE TABLE contact_spans (
  channel TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, PRIMARY KEY (channel, from_ms)
) STRICT, WITHOUT ROWID;

-- Months that were issued and signed (sla-store.ts). Rows come and never change or go.
CREATE TABLE sla_issues (
  number TEXT PRIMARY KEY, month TEXT NOT NULL, correction INTEGER NOT NULL, issued_ms INTEGER NOT NULL, by_name TEXT NOT NULL,
  digest TEXT NOT NULL, figures TEXT NOT NULL,
  UNIQUE (month, correction)
) STRICT, WITHOUT ROWID;
-- Rounds that outages rest on, kept when the others are given up (report/sla/outage-rounds.ts). JSON, deflated.
CREATE TABLE outage_rounds (key TEXT NOT NULL, day INTEGER NOT NULL, rounds BLOB NOT NULL, PRIMARY KEY (key, day)) STRICT, WITHOUT ROWID;
CREATE TRIGGER sla_issues_stay BEFORE UPDATE ON sla_issues BEGIN SELECT RAISE(ABORT, 'issued figures are insert-only'); END;
CREATE TRIGGER sla_issues_are_whole BEFORE DELETE ON sla_issues BEGIN SELECT RAISE(ABORT, 'issued figures are insert-only'); END;

-- What people were, or will be, told of. The record is JSON: only the open ones are ever read, and all at once.
CREATE TABLE alerts (id TEXT PRIMARY KEY, opened_ms INTEGER NOT NULL, closed_ms INTEGER, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_open ON alerts (id) WHERE closed_ms IS NULL;
-- Conditions with a threshold of their own (condition-record.ts).
CREATE TABLE conditions (id TEXT PRIMARY KEY, closed_ms INTEGER, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX conditions_open ON conditions (id) WHERE closed_ms IS NULL;
-- Who said that they know of an alert: the first of them.
CREATE TABLE alert_acks (alert TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, by_name TEXT NOT NULL, via TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- digest_ms: it waits for the digest of that moment; told_in: the digest that has it; remote_id: what the other side calls it.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY, dedupe_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, type TEXT NOT NULL, alert TEXT NOT NULL,
  incident TEXT NOT NULL, payload TEXT NOT NULL, created_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
  next_try_ms INTEGER NOT NULL, sent_ms INTEGER, failed_ms INTEGER, last_error TEXT, digest_ms INTEGER, told_in TEXT,
  remote_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_alert ON outbox (alert);
CREATE INDEX outbox_by_incident ON outbox (incident);
CREATE INDEX outbox_by_remote ON outbox (channel, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX outbox_held ON outbox (digest_ms) WHERE digest_ms IS NOT NULL AND told_in IS NULL;
CREATE INDEX outbox_pending ON outbox (channel, incident, created_ms)
  WHERE sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL;
CREATE INDEX outbox_due ON outbox (channel, next_try_ms) WHERE sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL;

-- Agents and boots as numbers: their names would be a third of a row that there is one of for each batch.
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- A target that came to be measured by other means keeps its old rounds beside the new ones.
-- answered_ms: start of the first round to which anything came back.
-- shelf: a few series of one site, whose rounds come together and are kept together.
CREATE TABLE series (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, shelf INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  answered_ms INTEGER, UNIQUE (key, kind)
) STRICT;

CREATE TABLE rollups_due (shelf INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (shelf, day)) STRICT, WITHOUT ROWID;
CREATE TABLE closed_shelves (shelf INTEGER PRIMARY KEY, before_ms INTEGER NOT NULL) STRICT;
-- A day of a shelf (tier-block.ts), with a rowid: such a table holds rows of up to 4 kB in its pages, others of 1 kB. part 0 was rolled up; the others came after the day was closed.
CREATE TABLE tiers (
  step_ms INTEGER NOT NULL, shelf INTEGER NOT NULL, day INTEGER NOT NULL, part INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (step_ms, shelf, day, part)
) STRICT;

-- Rounds of one shelf from one batch (block.ts). The primary key is the batch's name: written twice, it is stored once.
-- origin: the agent, an id of names.
CREATE TABLE blocks (
  shelf INTEGER NOT NULL, first_ms INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL,
  span_ms INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (shelf, first_ms, origin, seq, part)
) STRICT, WITHOUT ROWID;
`;
