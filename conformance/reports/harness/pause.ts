import { same, until } from './check.ts'
import type { Place } from './place.ts'
import type { Pause } from './report.ts'

interface Schedule {
  readonly id: string
  readonly nextRunTime: string
  readonly project: { readonly name: string }
}

interface Attempt {
  readonly sessionTime: string
}

/** A schedule is disabled over one of its times and enabled again. */
export async function pause(place: Place, { enable, missed }: Pause): Promise<void> {
  const { stack, project } = place
  const { body } = await stack.api.request('GET', '/api/schedules')
  const all = body['schedules'] as readonly Schedule[]
  const schedule = all.find((one) => one.project.name === project)!
  await stack.api.request('POST', `/api/schedules/${schedule.id}/disable`)
  const due = Date.parse(schedule.nextRunTime)
  await until(
    async () => (Date.now() > due + 2_000 ? true : undefined),
    (due - Date.now()) / 1000 + 5,
    'its time',
  )
  const enabled = await stack.api.request('POST', `/api/schedules/${schedule.id}/enable`, enable)
  same('enable', enabled.status, 200)
  if (missed === 'skipped') {
    const next = String(enabled.body['nextRunTime'])
    if (Date.parse(next) <= due + 2_000) throw new Error(`nextRunTime is over: ${next}`)
    const path = `/api/schedules/${schedule.id}/skipped_sessions`
    const found = await stack.api.request('GET', path)
    const rows = found.body['skippedSessions'] as readonly { reason: string }[]
    same('why they did not run', rows[0]?.reason, 'skipped')
    return
  }
  const ran = async (): Promise<true | undefined> => {
    const found = await stack.api.request('GET', `/api/attempts?project=${project}`)
    const attempts = found.body['attempts'] as readonly Attempt[]
    return attempts.some(({ sessionTime }) => Date.parse(sessionTime) <= due + 1_000)
      ? true
      : undefined
  }
  await until(ran, 10, 'the missed session')
}
