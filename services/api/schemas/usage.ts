import { Type, type Static } from 'typebox'
import type { Usage as UsageRow } from '#store/types.ts'
import { instant } from '../time.ts'
import { Instant, Nullable } from './common.ts'

/** As in BigQuery's own API: a number of 64 bits is a text, since not every client's numbers hold it. */
const Integer64 = Nullable(Type.String({ pattern: '^[0-9]+$', examples: ['10485760'] }))
const integer64 = (value: bigint | null): string | null => value?.toString() ?? null

export const Usage = Type.Object(
  {
    kind: Type.String({ enum: ['bigquery'] }),
    retries: Type.Integer({ description: 'The try that used it: 0 is the first' }),
    polls: Type.Integer({ description: 'How often that try had asked to be called again' }),
    replacement: Type.Integer({
      description: 'How many jobs of that try, which BigQuery could not carry out, came before',
    }),
    project: Type.String({ description: "BigQuery's project" }),
    location: Nullable(Type.String({ examples: ['asia-northeast1'] })),
    job: Type.String({ description: 'Id of the job, without project and location' }),
    state: Type.String({
      enum: ['running', 'succeeded', 'failed', 'canceled', 'not_run', 'unknown'],
      description:
        '`not_run`: BigQuery refused to start it. `unknown`: nobody can say any more whether and how it ended',
    }),
    reason: Nullable(
      Type.String({
        description: "BigQuery's word for why it did not succeed",
        examples: ['invalidQuery'],
      }),
    ),
    statementType: Nullable(Type.String({ examples: ['SELECT'] })),
    bytesProcessed: Integer64,
    bytesBilled: Integer64,
    slotMs: Integer64,
    rows: Integer64,
    cacheHit: Nullable(Type.Boolean()),
    childJobs: Nullable(
      Type.Integer({
        description: 'Statements of a script; what they used is in its own figures',
      }),
    ),
    startedAt: Instant,
    endedAt: Nullable(Instant),
  },
  { title: 'Usage' },
)

export const presentUsage = (usage: UsageRow): Static<typeof Usage> => ({
  kind: usage.kind,
  retries: usage.retries,
  polls: usage.polls,
  replacement: usage.replacement,
  project: usage.project,
  location: usage.location,
  job: usage.job,
  state: usage.state,
  reason: usage.reason,
  statementType: usage.statementType,
  bytesProcessed: integer64(usage.bytesProcessed),
  bytesBilled: integer64(usage.bytesBilled),
  slotMs: integer64(usage.slotMs),
  rows: integer64(usage.rows),
  cacheHit: usage.cacheHit,
  childJobs: usage.childJobs,
  startedAt: instant(usage.startedAt),
  endedAt: usage.endedAt && instant(usage.endedAt),
})

export const BigQuerySum = Type.Object(
  {
    job: Type.String({ description: 'project:location.job of the last one' }),
    bytesBilled: Nullable(Type.Integer()),
    slotMs: Nullable(Type.Integer()),
    cacheHit: Nullable(Type.Boolean({ description: 'Of the last job' })),
  },
  { description: 'Sums over all jobs of the task, failed ones and earlier tries among them' },
)

/** What a task's jobs used together; null when BigQuery has started none. */
export function bigQuerySum(usages: readonly UsageRow[]): Static<typeof BigQuerySum> | null {
  const jobs = usages.filter(({ kind, state }) => kind === 'bigquery' && state !== 'not_run')
  const last = jobs.at(-1)
  if (last === undefined) return null
  return {
    job: `${last.project}:${last.location ?? ''}.${last.job}`,
    bytesBilled: sum(jobs.map(({ bytesBilled }) => bytesBilled)),
    slotMs: sum(jobs.map(({ slotMs }) => slotMs)),
    cacheHit: last.cacheHit,
  }
}

/** Null when no part is known. */
function sum(parts: readonly (bigint | null)[]): number | null {
  const known = parts.filter((part) => part !== null)
  return known.length === 0 ? null : Number(known.reduce((total, part) => total + part, 0n))
}
