import { formatTable } from '#services/shared/text-table.ts'
import {
  forever,
  retainedKinds,
  type KeptDays,
  type RetainedKind,
  type RetentionPolicy,
} from '#store/retention/policy.ts'
import type { Due } from '#store/retention/plan.ts'

/** What is kept for how long, and what of it would go now, as lines for a terminal. */
export function retentionTable(
  policy: RetentionPolicy,
  due: Readonly<Record<RetainedKind, Due>>,
): string {
  const rows = retainedKinds.map((kind) => {
    const { rows: count, bytes, oldest } = due[kind]
    return [
      kind,
      days(policy.default, kind),
      count.toLocaleString('en'),
      bytes === null ? '' : size(bytes),
      oldest === null ? '' : oldest.toISOString().slice(0, 10),
    ]
  })
  const table = formatTable([['what', 'kept for', 'due rows', 'size', 'oldest'], ...rows])
  const own = Object.entries(policy.projects).map(
    ([name, kept]) =>
      `${name} keeps ${retainedKinds.map((kind) => `${kind} ${days(kept, kind)}`).join(', ')}`,
  )
  return [table, ...own].join('\n')
}

const days = (kept: KeptDays, kind: RetainedKind): string =>
  kept[kind] === forever ? 'ever' : `${kept[kind]} days`

const size = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
