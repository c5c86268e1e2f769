-- A step whose workflow task ran out is taken again, maybe while it is still under way: both write one log.
alter table log_files add column run text;
create unique index log_files_run on log_files (task_id, run) where run is not null;
