/**
 * Tasks of an attempt whose own failure counts, first to last. Of a name that a group's retry has run again the last one
 * counts; "planned", with an error, is one whose _error runs. `attempt`: its id in the statement.
 */
export const failedTasks = (attempt: string): string => `
  select id, full_name, coalesce(error->>'message', '') as message, error_code
  from (
    select distinct on (full_name) id, full_name, state, error, error_code
    from tasks where attempt_id = ${attempt} order by full_name, id desc
  ) latest
  where state = 'error' or state = 'planned' and error is not null
  order by id`
