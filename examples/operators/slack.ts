import type { Operator } from '#activities/task/operator.ts'

/**
 * `slack>: text` posts a text to the incoming webhook whose address is the project's secret `slack.webhook`;
 * `channel:` chooses another channel than the webhook's own, also as `_export: {slack: {channel: …}}`.
 */
export const operator: Operator = {
  name: 'slack',
  secrets: ['slack.*'],
  retries: true,
  options: ['channel'],
  async run({ config, secrets, state, log, signal, task }) {
    const options = config.withDefaults('slack')
    const message = { text: options.string('_command'), channel: options.optionalString('channel') }
    const webhook = await secrets.get('slack.webhook')
    if (webhook === undefined) {
      const advice = `set it with: digdag secrets --project ${task.projectName} --set slack.webhook=@-`
      throw Object.assign(new Error(`The secret slack.webhook is not there; ${advice}`), {
        kind: 'config',
      })
    }
    // A worker may die between the post and the end of this task: then the next one finds this.
    if (state.value['posted'] === true) return {}

    const answer = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      signal,
    })
    if (answer.status === 429) {
      const afterSeconds = Number(answer.headers.get('retry-after') ?? 30)
      log(`Slack asks to wait ${afterSeconds} s`)
      return { again: { afterSeconds } }
    }
    if (!answer.ok) throw new Error(`Slack answered ${answer.status}: ${await answer.text()}`)
    await state.save({ posted: true })
    return { stored: { slack: { last_text: message.text } } }
  },
}
