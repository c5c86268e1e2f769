-- What param_set> keeps for param_get>, for all projects; 90 days after it was last set it counts as gone.
create table shared_params (
  name text primary key,
  value text not null,
  set_at timestamptz not null default now()
);
create index shared_params_age on shared_params (set_at);
