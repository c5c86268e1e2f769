/**
 * Of the tasks `t` of an attempt that ends before they do: those that had begun, and those that could have, their
 * group being under way and all that they wait for done. The others never start and stay blocked, as in Digdag.
 */
export const stoppedTasks = `
  t.state in ('ready', 'retry_waiting', 'group_retry_waiting', 'running', 'planned')
  or t.state = 'blocked' and (
    t.parent_id is null
    or not exists (
      select from tasks other
      where other.id = t.parent_id and other.state = 'blocked'
        or other.id = any(t.upstreams) and other.state <> 'success'))`
