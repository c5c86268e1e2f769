-- Why Temporal cannot go on with an attempt at the moment: {since, tries, message}; null while it can.
alter table attempts add column stalled jsonb;
create index attempts_open on attempts (id) where finished_at is null;
