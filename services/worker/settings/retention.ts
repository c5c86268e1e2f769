import {
  defaultRetention,
  forever,
  retainedKinds,
  type KeptDays,
  type RetainedKind,
  type RetentionPolicy,
} from '#store/retention/policy.ts'
import type { EnvReader } from '#services/shared/settings/env.ts'

/** What may not be kept longer than what it belongs to: the first goes before the second. */
const order: readonly (readonly [RetainedKind, RetainedKind])[] = [
  ['logs', 'tasks'],
  ['tasks', 'attempts'],
  ['usages', 'attempts'],
]

const example = '{"logs": 90, "tasks": "forever", "projects": {"payments": {"logs": 2555}}}'

/** `SUIRO_RETENTION`: JSON with days or "forever" for each kind, and the same for single projects. */
export function readRetention({ value, mistakes }: EnvReader): RetentionPolicy {
  const text = value('SUIRO_RETENTION')
  if (text === undefined) return defaultRetention
  const wrong = (sentence: string): void => void mistakes.push(`SUIRO_RETENTION: ${sentence}`)
  const written = parse(text)
  if (written === undefined) {
    wrong(`it must be a JSON object such as ${example}`)
    return defaultRetention
  }
  const { projects = {}, ...own } = written
  const all = readDays(own, '', defaultRetention.default, wrong)
  if (!isObject(projects)) {
    wrong(`"projects" must be an object with the names of projects, as in ${example}`)
    return { default: all, projects: {} }
  }
  const each = Object.entries(projects).map(([name, days]) => {
    if (isObject(days)) return [name, readDays(days, ` of project ${name}`, all, wrong)] as const
    wrong(`what project ${name} keeps must be an object, as in ${example}`)
    return [name, all] as const
  })
  return { default: all, projects: Object.fromEntries(each) }
}

function readDays(
  written: Readonly<Record<string, unknown>>,
  where: string,
  fallback: KeptDays,
  wrong: (sentence: string) => void,
): KeptDays {
  const days: Record<RetainedKind, number> = { ...fallback }
  for (const [kind, kept] of Object.entries(written)) {
    if (!isKind(kind)) {
      wrong(`"${kind}"${where} is not known; what is kept is ${retainedKinds.join(', ')}`)
    } else if (kept === 'forever') days[kind] = forever
    else if (typeof kept === 'number' && Number.isInteger(kept) && kept >= 1 && kept <= 36_500) {
      days[kind] = kept
    } else {
      const found = JSON.stringify(kept)
      wrong(`"${kind}"${where} must be a whole number of days or "forever", but is ${found}`)
    }
  }
  for (const [first, second] of order) {
    if (days[first] <= days[second]) continue
    wrong(
      `${first}${where} would be kept for ${shown(days[first])} and ${second} for ${shown(days[second])}, but ${first} belong to ${second}: keep ${second} at least as long`,
    )
  }
  return days
}

const shown = (days: number): string => (days === forever ? 'ever' : `${days} days`)

const isKind = (text: string): text is RetainedKind =>
  (retainedKinds as readonly string[]).includes(text)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
