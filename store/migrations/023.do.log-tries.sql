-- Which logical try of its task wrote a file, 0 for the first; null where a worker of the version before wrote it.
alter table log_files add column retries int;
-- When a piece of text was written, so that the logs of several tasks can be read as one. The default comes after the
-- column: what is there already stays without a time, and no row is written anew. Workers of the version before write it, too.
alter table log_chunks add column written_at timestamptz;
alter table log_chunks alter column written_at set default now();
