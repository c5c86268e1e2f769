-- What many layers of stored and exported parameters came to: one layer for the tasks after them.
create table merged_params (
  id bigint generated always as identity primary key,
  attempt_id bigint not null references attempts,
  -- The layers as the workflow named them, so that a repeated call answers the same row.
  layers jsonb not null,
  params json not null,
  reset_params json not null
);
create unique index merged_params_once on merged_params (attempt_id, md5(layers::text));
