import { isObject } from '#workflows/domain/json.ts'

/** A field's types; more than one where the page checks before it reads. */
type Fields = Readonly<Record<string, string>>

const nameAndId = { 'project.id': 'string', 'project.name': 'string', 'workflow.name': 'string' }

/** What the page's code reads of each thing. */
const read: Readonly<Record<string, Fields>> = {
  version: { version: 'string' },
  projects: {
    id: 'string',
    name: 'string',
    revision: 'string',
    createdAt: 'string',
    updatedAt: 'string',
  },
  workflows: {
    id: 'string',
    name: 'string',
    revision: 'string',
    'project.id': 'string',
    'project.name': 'string',
    config: 'object',
  },
  sessions: {
    id: 'string',
    ...nameAndId,
    'workflow.id': 'string',
    sessionUuid: 'string',
    sessionTime: 'string',
    'lastAttempt.id': 'string',
    'lastAttempt.done': 'boolean',
    'lastAttempt.success': 'boolean',
    'lastAttempt.cancelRequested': 'boolean',
    'lastAttempt.params': 'object',
    'lastAttempt.createdAt': 'string',
    'lastAttempt.finishedAt': 'string or null',
  },
  attempts: {
    id: 'string',
    ...nameAndId,
    'workflow.id': 'string',
    sessionId: 'string',
    sessionUuid: 'string',
    sessionTime: 'string',
    done: 'boolean',
    success: 'boolean',
    cancelRequested: 'boolean',
    params: 'object',
    createdAt: 'string',
    finishedAt: 'string or null',
  },
  schedules: {
    id: 'string',
    ...nameAndId,
    'workflow.id': 'string',
    nextRunTime: 'string',
    nextScheduleTime: 'string',
    disabledAt: 'string or null',
  },
  tasks: {
    id: 'string',
    fullName: 'string',
    parentId: 'string or null',
    startedAt: 'string or null',
    updatedAt: 'string',
    retryAt: 'string or null',
    state: 'string',
    cancelRequested: 'boolean',
    storeParams: 'object',
    stateParams: 'object',
  },
  files: { fileName: 'string', fileTime: 'string', taskName: 'string' },
}

/** What the page would miss in an answer: in each entry of a list, or in the thing itself. */
export function missingFor(url: string, answer: unknown): readonly string[] {
  if (!isObject(answer) || 'message' in answer) return []
  const [list] = Object.entries(answer).filter(([, value]) => Array.isArray(value))
  const path = url.replace(/\?.*/, '').split('/').slice(2)
  const noun = path.findLast((word) => word in read) ?? 'nothing'
  const things = list !== undefined && list[0] === noun ? list[1] : [answer]
  return (things as readonly unknown[]).flatMap((thing, index) =>
    Object.entries(read[noun] ?? {}).flatMap(([field, type]) => {
      const found = typeAt(thing, field.split('.'))
      return type.split(' or ').includes(found) ? [] : [`${noun} ${index}: ${field} is ${found}`]
    }),
  )
}

function typeAt(thing: unknown, path: readonly string[]): string {
  const value = path.reduce<unknown>(
    (inner, key) => (isObject(inner) ? inner[key] : undefined),
    thing,
  )
  return value === null ? 'null' : typeof value
}
