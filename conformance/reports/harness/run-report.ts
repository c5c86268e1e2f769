import type { Stack } from '#harness/stack/stack.ts'
import { archiveWith } from './archive.ts'
import { holds, same } from './check.ts'
import type { NamedReport } from './read-reports.ts'
import { pause } from './pause.ts'
import type { Place } from './place.ts'
import type { Push, Request, Step } from './report.ts'
import { runAttempt } from './run-attempt.ts'

/** Does what a report says, step by step, and fails where something is not right. */
export async function runReport(
  stack: Stack,
  report: NamedReport,
  given: Place['given'],
  pgPassword: string,
): Promise<void> {
  const project = `report-${report.name}`
  const place: Place = {
    ...{ stack, report, given, pgPassword, project },
    ...{ projectId: '0', workflowId: '0', attemptId: '0' },
  }
  const pushes = report.steps.some((step) => 'push' in step)
  const steps: readonly Step[] = pushes ? report.steps : [{ push: {} }, ...report.steps]
  for (const step of steps) {
    if ('push' in step) await push(place, step.push)
    else if ('run' in step) await runAttempt(place, step.run)
    else if ('pause' in step) await pause(place, step.pause)
    else await ask(place, step.request)
  }
}

async function push(place: Place, wanted: Push): Promise<void> {
  const { api } = place.stack
  const archive = await archiveWith([...place.report.files, ...(wanted.entries ?? [])])
  const path = `/api/projects?project=${place.project}&revision=r${Date.now()}`
  const { status, body } = await api.request('PUT', path, archive)
  same(`push, answered ${JSON.stringify(body)}`, status, wanted.status ?? 200)
  holds('the answer to the push', JSON.stringify(body), wanted)
  if (status !== 200) return
  place.projectId = String(body['id'])
  const found = await api.request('GET', `/api/projects/${place.projectId}/workflows`)
  const workflows = found.body['workflows'] as { id: string; name: string }[]
  place.workflowId = workflows[0]?.id ?? '0'
  if (wanted.workflows !== undefined) {
    same('workflows', workflows.map(({ name }) => name).sort(), wanted.workflows)
  }
  for (const [key, value] of Object.entries(place.report.secrets ?? {})) {
    const secret = value === '$PG_PASSWORD' ? place.pgPassword : value
    await api.request('PUT', `/api/projects/${place.projectId}/secrets/${key}`, { value: secret })
  }
}

async function ask(place: Place, wanted: Request): Promise<void> {
  const filled = (text: string): string =>
    text
      .replaceAll('$PROJECT_ID', place.projectId)
      .replaceAll('$PROJECT', place.project)
      .replaceAll('$WORKFLOW_ID', place.workflowId)
      .replaceAll('$ATTEMPT', place.attemptId)
  const [method = 'GET', path = ''] = filled(wanted.ask).split(' ')
  const body: unknown =
    wanted.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(wanted.body)))
  const answer = await place.stack.api.request(method, path, body)
  const text = JSON.stringify(answer.body)
  if (![wanted.status].flat().includes(answer.status)) {
    throw new Error(`${wanted.ask}: ${answer.status} ${text}`)
  }
  holds(wanted.ask, text, wanted)
  for (const [field, count] of Object.entries(wanted.count ?? {})) {
    same(`${wanted.ask}, ${field}`, (answer.body[field] as unknown[]).length, count)
  }
}
