import type { NewTask } from '#store/types.ts'
import type { SlaDefinition } from '#workflows/dig/definition.ts'
import { generatedTask } from './new-tasks.ts'

/** As Digdag writes it. */
const message = 'SLA violation'

/**
 * The group `^sla` of a late attempt: the alert, the failure and the workflow's own tasks for it. None of
 * the three waits for another, so that neither keeps the others from happening.
 */
export function slaTasks(sla: SlaDefinition | undefined): readonly NewTask[] {
  if (sla === undefined) return []
  const group = generatedTask('^sla', sla.tasks)
  const own = [
    ...(sla.alert ? [generatedTask('^alert', { _type: 'notify', _command: message })] : []),
    ...(sla.fail ? [generatedTask('^fail', { _type: 'fail', _command: message })] : []),
  ]
  const written = group.children.map((task) => ({
    ...task,
    upstreams: task.upstreams.map((place) => place + own.length),
  }))
  return [{ ...group, children: [...own, ...written] }]
}
