-- Bytes of the file before this chunk, so that a file's size is read from its last chunk and a reader can begin
-- anywhere. Workers of the version before leave it empty.
alter table log_chunks add column start bigint;
