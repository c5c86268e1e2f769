-- In which format `definition` is written: store/workflow-format.ts.
alter table workflows add column format int not null default 1;
