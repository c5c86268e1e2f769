import type { Operator } from '../task/operator.ts'

/** What `^failure-alert` runs; the notification is written to the task's log. */
export const notify: Operator = {
  name: 'notify',
  secrets: [],
  retries: false,
  async run({ config, task, log }) {
    const { projectName, workflowName, attemptId } = task
    log(`${config.string('_command')}: ${projectName}/${workflowName}, attempt ${attemptId}`)
    return {}
  },
}
