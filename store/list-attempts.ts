import {
  addRange,
  isLast,
  statusCondition,
  type AttemptFilter,
  type TimeRange,
} from './attempt-filter.ts'
import { attemptColumns, attemptTables } from './attempt-row.ts'
import { createConditions, type Conditions } from './conditions.ts'
import type { Queryable } from './queryable.ts'
import { isSmallBesideNewer } from './session-range.ts'
import type { Attempt } from './types.ts'

/**
 * Attempts of a filter, newest first. The page's ids are found first, from the index that knows most of what is wanted;
 * then their rows. Its text depends on what is asked for, and a good plan on the values too, so it has no name
 * (`prepared.ts`).
 */
export async function listAttempts(
  db: Queryable,
  filter: AttemptFilter,
): Promise<readonly Attempt[]> {
  const conditions = createConditions()
  const page = pageOf(filter, conditions, await bySessions(db, filter))
  const { rows } = await db.query<Attempt>({
    text: `select ${attemptColumns} from ${attemptTables} where a.id = any(array(${page})) order by a.id desc`,
    values: [...conditions.values],
  })
  return rows
}

/** Whether the sessions of a range of session times are found first: one workflow has few of them. */
async function bySessions(db: Queryable, filter: AttemptFilter): Promise<boolean> {
  const { sessionTime, projectId, workflowName } = filter
  if (sessionTime === undefined) return false
  const isOne = projectId !== undefined && workflowName !== undefined
  return isOne || isSmallBesideNewer(db, sessionTime)
}

function pageOf(filter: AttemptFilter, conditions: Conditions, sessionsFirst: boolean): string {
  const { projectId, workflowName, sessionId, sessionTime, lastId } = filter
  const { statuses, reasons, accepted, includeRetried } = filter
  if (sessionId !== undefined) {
    conditions.add(`a.session_id = ${conditions.value(sessionId, 'bigint')}`)
  }
  if (lastId !== undefined) conditions.add(`a.id < ${conditions.value(lastId, 'bigint')}`)
  if (statuses !== undefined) conditions.add(statusCondition(statuses))
  // Written out, since a value in its place would not show that the index fits.
  if (reasons !== undefined) {
    conditions.add(`a.reason in (${reasons.map((reason) => `'${reason}'`).join(', ')})`)
  }
  if (accepted !== undefined) addAccepted(conditions, accepted)
  if (!includeRetried && !sessionsFirst) conditions.add(isLast)
  const limit = conditions.value(filter.count, 'int')
  const newest = `order by a.id desc limit ${limit}`

  if (sessionTime !== undefined) {
    const sessions = sessionsOf(conditions, filter, sessionTime)
    if (!sessionsFirst) {
      return `select a.id from (${sessions}) s join attempts a on a.session_id = s.id
        where ${conditions.text()} ${newest}`
    }
    // With an offset PostgreSQL finds all of them first, and then goes to the attempts of each.
    return `select a.id from (${sessions} offset 0) s cross join lateral (
        select * from attempts a where a.session_id = s.id
        order by a.index desc ${includeRetried ? 'offset 0' : 'limit 1'}
      ) a where ${conditions.text()} ${newest}`
  }
  const project = projectId === undefined ? undefined : conditions.value(projectId, 'bigint')
  if (workflowName === undefined) {
    if (project !== undefined) conditions.add(`a.project_id = ${project}`)
    return `select a.id from attempts a where ${conditions.text()} ${newest}`
  }
  const named = `select w.id from workflows w where w.name = ${conditions.value(workflowName, 'text')}${
    project === undefined ? '' : ` and w.project_id = ${project}`
  }`
  if (isFew(filter)) {
    if (project !== undefined) conditions.add(`a.project_id = ${project}`)
    conditions.add(`a.workflow_id in (${named})`)
    return `select a.id from attempts a where ${conditions.text()} ${newest}`
  }
  // A workflow has a row in each revision: the newest attempts of each, and of these the newest.
  return `select a.id from (${named}) w cross join lateral (
      select a.id from attempts a where a.workflow_id = w.id and ${conditions.text()} ${newest}
    ) a ${newest}`
}

/** Whether an index of what is rare has all that can be meant. */
const isFew = ({ statuses, accepted }: AttemptFilter): boolean =>
  (statuses !== undefined && !statuses.includes('success')) ||
  (accepted?.from !== undefined && accepted.to !== undefined)

/** Sessions of a range of session times. */
function sessionsOf(
  conditions: Conditions,
  { projectId, workflowName }: AttemptFilter,
  range: TimeRange,
): string {
  const inner = conditions.others()
  addRange(inner, 's.session_time', range)
  if (projectId !== undefined) inner.add(`s.project_id = ${inner.value(projectId, 'bigint')}`)
  if (workflowName !== undefined) {
    inner.add(`s.workflow_name = ${inner.value(workflowName, 'text')}`)
  }
  return `select s.id from sessions s where ${inner.text()}`
}

/** No transaction that accepts attempts lasts so long. */
const longest = "interval '10 minutes'"

/**
 * Ids grow with time, but for transactions beside each other. So there is a first and a last id that an attempt of the
 * range can have, and nothing outside is looked at.
 */
function addAccepted(conditions: Conditions, { from, to }: TimeRange): void {
  addRange(conditions, 'a.created_at', {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  if (from !== undefined) {
    const time = conditions.value(from.toISOString(), 'timestamptz')
    conditions.add(`a.id > coalesce((
      select id from attempts where created_at < ${time} - ${longest} order by created_at desc limit 1), 0)`)
  }
  if (to !== undefined) {
    const time = conditions.value(to.toISOString(), 'timestamptz')
    conditions.add(`a.id < coalesce((
      select id from attempts where created_at > ${time} + ${longest} order by created_at limit 1), ${mostId})`)
  }
}

const mostId = '9223372036854775807'
