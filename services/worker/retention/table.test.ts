import { expect, test } from 'vitest'
import { defaultRetention } from '#store/retention/policy.ts'
import { retentionTable } from './table.ts'

const none = { rows: 0, bytes: null, oldest: null }

test('what is kept for how long, and what would go, as a table', () => {
  const own = { ...defaultRetention.default, logs: 2555, tasks: 2555 }
  const text = retentionTable(
    { ...defaultRetention, projects: { payments: own } },
    {
      logs: { rows: 12_345, bytes: 3 * 2 ** 20, oldest: new Date('2025-01-02T03:04:05Z') },
      tasks: none,
      attempts: none,
      usages: none,
      archives: { rows: 2, bytes: 1_500, oldest: new Date('2025-02-03T00:00:00Z') },
    },
  )
  expect(text.split('\n')).toEqual([
    'what      kept for  due rows     size      oldest',
    '────────  ────────  ────────  ───────  ──────────',
    'logs      400 days    12,345  3.0 MiB  2025-01-02',
    'tasks     800 days         0',
    'attempts      ever         0',
    'usages        ever         0',
    'archives  400 days         2    2 KiB  2025-02-03',
    'payments keeps logs 2555 days, tasks 2555 days, attempts ever, usages ever, archives 400 days',
  ])
})
