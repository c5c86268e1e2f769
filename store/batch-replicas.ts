import type { Pool } from 'pg'
import { rowOf } from './queryable.ts'
import { transaction } from './transaction.ts'

/** A process of the API, and what it has of a project of TypeScript batches. */
export interface BatchReplica {
  readonly replica: string
  readonly project: string
  /** Name of the content: a hash. */
  readonly content: string
}

/**
 * What a process may do with its content: nothing, since it is in force (`current`) or because a process with the one in
 * force lives, which was published later (`older`); else publish it (`publish`).
 */
export type Standing = 'current' | 'older' | 'publish'

export interface BatchReplicas {
  /** Notes that the process lives. One that was silent for `aliveSeconds` counts as gone. */
  see(replica: BatchReplica, aliveSeconds: number): Promise<Standing>
}

/** A revision's content is its name up to a `-`, behind which is a number when it came back. */
const contentOf = (column: string): string => `split_part(${column}, '-', 1)`

export function createBatchReplicas(pool: Pool): BatchReplicas {
  return {
    see: ({ replica, project, content }, aliveSeconds) =>
      transaction(pool, async (client): Promise<Standing> => {
        await client.query(
          `insert into batch_replicas (replica, project, content) values ($1, $2, $3)
          on conflict (replica, project) do update set content = excluded.content, seen_at = now()`,
          [replica, project, content],
        )
        await client.query(
          'delete from batch_replicas where seen_at < now() - make_interval(days => 1)',
        )
        const found = await rowOf<{ latest: string | null; before: boolean; alive: boolean }>(
          client,
          `with own as (
            select r.id, ${contentOf('r.name')} as content
            from revisions r join projects p on p.id = r.project_id
            where p.name = $1 and p.deleted_at is null),
          latest as (select content from own order by id desc limit 1)
          select (select content from latest) as latest,
            exists (select from own where content = $2) as before,
            exists (
              select from batch_replicas b join latest l on l.content = b.content
              where b.project = $1 and b.replica <> $3
                and b.seen_at >= now() - make_interval(secs => $4)) as alive`,
          [project, content, replica, aliveSeconds],
        )
        if (found?.latest === content) return 'current'
        return found?.before === true && found.alive ? 'older' : 'publish'
      }),
  }
}
