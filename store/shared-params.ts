import type { Pool } from 'pg'
import type { TaskId } from '#workflows/domain/ids.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { transaction } from './transaction.ts'

/** Values by name that outlive attempts and are shared by all projects: `param_set>` and `param_get>`. */
export interface SharedParams {
  /**
   * Sets all of them or none, once for a try of a task: a repeated call changes nothing, whoever else
   * has set them meanwhile. The try must have begun.
   */
  set(
    values: Readonly<Record<string, string>>,
    by: { readonly taskId: TaskId; readonly retries: number },
  ): Promise<void>
  /** Those that are there. */
  get(names: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const lifetime = "interval '90 days'"

export function createSharedParams(pool: Pool): SharedParams {
  return {
    set: (values, { taskId, retries }) =>
      transaction(pool, async (client) => {
        const task = await rowOf<{ done: boolean }>(
          client,
          `select coalesce((operator_state->>'shared_params_set')::boolean, false) as done
          from tasks where id = $1 and retries = $2 for update`,
          [taskId, retries],
        )
        // A try that is over writes nothing any more.
        if (task === undefined || task.done) return
        // Always in the same order, so that two tasks never wait for each other.
        for (const name of Object.keys(values).sort()) {
          await client.query(
            `insert into shared_params (name, value) values ($1, $2)
            on conflict (name) do update set value = excluded.value, set_at = now()`,
            [name, values[name]],
          )
        }
        await client.query(
          `update tasks set operator_state = '{"shared_params_set": true}' where id = $1`,
          [taskId],
        )
        await client.query(
          `delete from shared_params where name in (
            select name from shared_params where set_at < now() - ${lifetime}
            for update skip locked)`,
        )
      }),
    async get(names) {
      const rows = await rowsOf<{ name: string; value: string }>(
        pool,
        `select name, value from shared_params
        where name = any($1) and set_at >= now() - ${lifetime}`,
        [names],
      )
      return new Map(rows.map(({ name, value }) => [name, value]))
    },
  }
}
