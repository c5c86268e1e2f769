/** What is kept for a time of its own. */
export const retainedKinds = ['logs', 'tasks', 'attempts', 'usages', 'archives'] as const
export type RetainedKind = (typeof retainedKinds)[number]

/**
 * Days after which something goes: after the end of its attempt, and an archive after the revision that superseded it.
 * Logs go before tasks, tasks and usages before attempts.
 */
export type KeptDays = Readonly<Record<RetainedKind, number>>

/** PostgreSQL's times go back that far, and no attempt does. */
export const forever = 1_000_000

export interface RetentionPolicy {
  readonly default: KeptDays
  /** By the project's name, complete. */
  readonly projects: Readonly<Record<string, KeptDays>>
}

/** A year and more of everything, so that a batch can be held against last year's; what is small stays. */
export const defaultRetention: RetentionPolicy = {
  default: { logs: 400, tasks: 800, attempts: forever, usages: forever, archives: 400 },
  projects: {},
}

/** Until when something of the project `p` is kept; $1 is the policy. */
export const keptSince = (kind: RetainedKind): string => `
  now() - make_interval(days => coalesce(
    $1::jsonb #>> array['projects', p.name, '${kind}'], $1::jsonb #>> '{default,${kind}}')::int)`

/** The same without the project, as a bound for an index: nothing younger is due in any project. */
export const leastDays = (
  { default: all, projects }: RetentionPolicy,
  kind: RetainedKind,
): number => Math.min(all[kind], ...Object.values(projects).map((own) => own[kind]))
