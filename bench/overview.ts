import type { Stack } from '#harness/stack/stack.ts'
import { createPool } from '#store/database.ts'
import { fillHistory } from './history.ts'
import { median } from './median.ts'

const size = { attempts: 1_000_000, tasksAnAttempt: 5 }
const rounds = 5
const day = 86_400_000

/** What people ask for in the morning, and what is far from the newest or hardly there. */
const paths = (now: number): readonly string[] => {
  const ago = (days: number): string => new Date(now - days * day).toISOString()
  const old = `from=${ago(300)}&to=${ago(299)}`
  return [
    'overview',
    'overview?hours=168',
    'overview?project=project_7',
    'attempts',
    'attempts?last_id=500000',
    'attempts?status=error',
    'attempts?status=killed&project=project_7',
    'attempts?status=running',
    'attempts?reason=backfill,retry',
    'attempts?project=project_7&workflow=workflow_3',
    'attempts?project=project_7&workflow=workflow_3&status=killed',
    'attempts?workflow=rare',
    'attempts?workflow=rare&status=error',
    `attempts?${old}`,
    `attempts?${old}&status=error&workflow=workflow_3`,
    `attempts?project=project_7&to=${ago(300)}`,
    `attempts?session_from=${ago(300)}&session_to=${ago(299)}`,
    `attempts?session_from=${ago(330)}&session_to=${ago(300)}&status=error`,
    `attempts?session_from=${ago(300)}`,
    'sessions?status=error',
    'sessions?workflow=rare',
    'sessions?project=project_7&status=killed',
    `sessions?session_to=${ago(300)}`,
  ]
}

/** How long the API takes to answer the overview, and pages of filtered lists, over a year of attempts. */
export async function overview(
  stack: Stack,
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  const { attempts, tasksAnAttempt } = size
  print(`Filling in ${attempts} attempts with ${tasksAnAttempt} tasks each …`)
  const pool = createPool(stack.databaseUrl)
  try {
    await fillHistory(pool, size)
  } finally {
    await pool.end()
  }
  const rows: string[][] = [['GET /api/', 'rows', 'ms', 'slowest']]
  for (const path of paths(Date.now())) {
    const times: number[] = []
    let answered = 0
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now()
      const { status, body } = await stack.api.request('GET', `/api/${path}`)
      times.push(performance.now() - began)
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
      answered = countOf(body['attempts'] ?? body['sessions'] ?? body['failed'])
    }
    const shown = path.replaceAll(/T[\d:.]+Z/g, '')
    rows.push([shown, String(answered), median(times).toFixed(1), Math.max(...times).toFixed(1)])
  }
  return rows
}

const countOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0)
