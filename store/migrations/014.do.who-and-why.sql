-- Who started an attempt, through what and why, and who killed it: workflows/domain/actor.ts has the shapes.
-- Null of what was started before, or by a process of the version before.
alter table attempts
  add column actor jsonb,
  add column reason text,
  add column canceled_by jsonb;
