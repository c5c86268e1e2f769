import type { Pool } from 'pg'
import { rowsOf } from './queryable.ts'

/** What is known of the versions of the workflow code that workers run. */
export interface VersionsSeen {
  /** The one that new attempts begin on: of those that live, the one that came last. */
  readonly current: string
  /** Those whose workers have been silent for long. One that nobody has heard of may just be coming. */
  readonly gone: ReadonlySet<string>
}

export interface WorkerVersions {
  /** Notes that a worker of this version lives. */
  see(version: string): Promise<VersionsSeen>
}

/** A version without a sign of life for so long takes no new attempts. */
const currentSeconds = 20
/** So long a worker may take to come again, after a crash or on another node, before its attempts go elsewhere. */
const goneSeconds = 60
/** So long a version is remembered: its attempts may wait for something. */
const rememberedDays = 400

/** The version that new attempts begin on, as an SQL expression; null where none lives. */
export const versionInForce = `(
  select version from worker_versions where seen_at >= now() - interval '${currentSeconds} seconds'
  order by came_at desc, version desc limit 1)`

/**
 * A prefix of an attempt's name in Temporal, as an SQL expression; null while workers live that would not find the
 * attempt by it, those of the release before.
 */
export const prefixIfKnown = (prefix: string): string =>
  `case when not exists (
    select from worker_versions
    where not knows_prefix and seen_at >= now() - interval '${goneSeconds} seconds')
  then ${prefix}::text end`

// V1. A version that comes back keeps its place: an old worker that starts again beside new ones takes nothing from
//     them, and where the new ones are gone the deployment was rolled back.

export function createWorkerVersions(pool: Pool): WorkerVersions {
  return {
    async see(version) {
      await pool.query(
        `insert into worker_versions (version, knows_prefix) values ($1, true)
        on conflict (version) do update set seen_at = now(), knows_prefix = true`,
        [version],
      )
      await pool.query(
        'delete from worker_versions where seen_at < now() - make_interval(days => $1)',
        [rememberedDays],
      )
      const rows = await rowsOf<{ version: string; takes: boolean; gone: boolean }>(
        pool,
        `select version, seen_at >= now() - make_interval(secs => $1) as takes,
          seen_at < now() - make_interval(secs => $2) as gone
        from worker_versions order by came_at desc, version desc`,
        [currentSeconds, goneSeconds],
      )
      return {
        current: rows.find(({ takes }) => takes)?.version ?? version,
        gone: new Set(rows.flatMap((row) => (row.gone ? [row.version] : []))),
      }
    },
  }
}
