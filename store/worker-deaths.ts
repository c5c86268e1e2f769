import type { Pool } from 'pg'
import type { TaskId } from '#workflows/domain/ids.ts'
import { rowOf, type Queryable } from './queryable.ts'
import { transaction } from './transaction.ts'

/** A run of a task: all its tries by Temporal have one version. */
export interface TaskRun {
  readonly id: TaskId
  readonly version: number
}

/** What is known about workers that ended while a task ran in them. */
export interface WorkerDeaths {
  /** The process lives. */
  seen(worker: string, agent: string): Promise<void>
  /** When a process was seen last, and how long ago that is by the database's clock. */
  lastSeen(worker: string): Promise<{ readonly at: Date; readonly seconds: number } | undefined>
  /** A process ended without a word: noted for all runs that were under way in it. */
  note(worker: string): Promise<void>
  /** Whether a run may be tried once more by this process; `wait` while others are tried alone. */
  verdict(run: TaskRun, worker: string): Promise<Verdict>
  /** The task is not in the hands of this process any more, although it has not ended. */
  release(id: TaskId, worker: string): Promise<void>
}

export type Verdict = 'go on' | 'wait' | 'refuse'

// D1. A run that ended two workers is not tried a third time.
// D2. Unless others were in both as well: nobody knows then which of them it was. They go on one after
//     another, and the one whose worker ends once more is refused.

/** Any number, the same in all workers. */
const turnLock = 7_008

export function createWorkerDeaths(pool: Pool): WorkerDeaths {
  return {
    async seen(worker, agent) {
      await pool.query(
        `insert into workers (id, agent) values ($1, $2)
        on conflict (id) do update set seen_at = now()`,
        [worker, agent],
      )
    },
    lastSeen: (worker) =>
      rowOf<{ at: Date; seconds: number }>(
        pool,
        `select seen_at as at, extract(epoch from now() - seen_at)::float8 as seconds
        from workers where id = $1`,
        [worker],
      ),
    async note(worker) {
      await pool.query(
        `insert into worker_deaths (task_id, version, worker)
        select id, version, worker from tasks where worker = $1 and state = 'running'
        on conflict do nothing`,
        [worker],
      )
    },
    verdict: (run, worker) =>
      transaction(pool, async (client) => {
        await client.query('select pg_advisory_xact_lock($1)', [turnLock])
        const { deaths, companions, busy } = await standing(client, run)
        if (deaths < 2) return 'go on'
        if (deaths > 2 || companions === 0) return 'refuse'
        if (busy > 0) return 'wait'
        // The others see from now on that it is this one's turn.
        await client.query('update tasks set worker = $2 where id = $1', [run.id, worker])
        return 'go on'
      }),
    async release(id, worker) {
      await pool.query('update tasks set worker = null where id = $1 and worker = $2', [id, worker])
    },
  }
}

interface Standing {
  readonly deaths: number
  /** Runs that were in two of the same workers. */
  readonly companions: number
  /** Those of them that are tried now. */
  readonly busy: number
}

async function standing(db: Queryable, { id, version }: TaskRun): Promise<Standing> {
  const row = await rowOf<Standing>(
    db,
    `with own as (select worker from worker_deaths where task_id = $1 and version = $2),
    companions as (
      select task_id, version from worker_deaths d join own using (worker)
      where task_id <> $1 group by task_id, version having count(*) >= 2)
    select (select count(*)::int from own) as deaths,
      (select count(*)::int from companions) as companions,
      (select count(*)::int from companions c join tasks t on t.id = c.task_id and t.version = c.version
        where t.state = 'running' and t.worker is not null and not exists (
          select from worker_deaths d where d.task_id = t.id and d.worker = t.worker)) as busy`,
    [id, version],
  )
  return row ?? { deaths: 0, companions: 0, busy: 0 }
}
