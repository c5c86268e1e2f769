import type { Pool } from 'pg'
import { rowsOf } from './queryable.ts'

/** What is known of the versions of the workflow code that workers run. */
export interface VersionsSeen {
  /** The one that new attempts begin on: of those that live, the one that came last. */
  readonly current: string
  /** Those that a worker can still go on with; others have been silent for long. */
  readonly living: ReadonlySet<string>
}

export interface WorkerVersions {
  /** Notes that a worker of this version lives. */
  see(version: string): Promise<VersionsSeen>
}

/** A version without a sign of life for so long takes no new attempts. */
const currentSeconds = 20
/** So long a worker may take to come again, after a crash or on another node, before its attempts go elsewhere. */
export const livingSeconds = 60

// V1. A version that comes back keeps its place: an old worker that starts again beside new ones takes nothing from
//     them, and where the new ones are gone the deployment was rolled back.

export function createWorkerVersions(pool: Pool): WorkerVersions {
  return {
    async see(version) {
      await pool.query(
        `insert into worker_versions (version) values ($1)
        on conflict (version) do update set seen_at = now()`,
        [version],
      )
      await pool.query(
        'delete from worker_versions where seen_at < now() - make_interval(days => 30)',
      )
      const rows = await rowsOf<{ version: string; takes: boolean }>(
        pool,
        `select version, seen_at >= now() - make_interval(secs => $1) as takes
        from worker_versions where seen_at >= now() - make_interval(secs => $2)
        order by came_at desc, version desc`,
        [currentSeconds, livingSeconds],
      )
      return {
        current: rows.find(({ takes }) => takes)?.version ?? version,
        living: new Set(rows.map((row) => row.version)),
      }
    },
  }
}
