/**
 * What the figures of an issue rest on, by link, as it was known when it was issued (report/sla/evidence-source.ts): JSON, the
 * source deflated. Rows come and never change or go.
 */
export const schema2 = `
CREATE TABLE sla_issue_evidence (
  number TEXT NOT NULL, link TEXT NOT NULL, site TEXT NOT NULL, targets TEXT NOT NULL, source BLOB NOT NULL,
  PRIMARY KEY (number, link)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sla_issue_evidence_stays BEFORE UPDATE ON sla_issue_evidence BEGIN SELECT RAISE(ABORT, 'issued evidence is insert-only'); END;
CREATE TRIGGER sla_issue_evidence_is_whole BEFORE DELETE ON sla_issue_evidence BEGIN SELECT RAISE(ABORT, 'issued evidence is insert-only'); END;
`;
