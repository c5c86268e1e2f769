-- Workers hear of an attempt that somebody asked for the moment it is committed, and one of them takes it and starts its
-- workflow; where none does, the API starts it.
alter table attempts add column taken_at timestamptz;

create function notify_of_attempt() returns trigger language plpgsql as $$
begin
  perform pg_notify('attempts', new.id::text);
  return null;
end
$$;

create trigger attempts_notify after insert on attempts
for each row when (new.reason in ('start', 'retry')) execute function notify_of_attempt();
