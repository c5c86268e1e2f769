import { OperatorError } from '../failure.ts'
import type { Operator } from '../task/operator.ts'

/** `store>: {…}` stores what it is given; `reset` names keys to take away first, `exported` what to export. */
export const storeOperator: Operator = {
  name: 'store',
  secrets: [],
  retries: true,
  run: async ({ config }) => ({
    stored: config.optionalObject('_command') ?? {},
    resetParams: config.strings('reset'),
    exported: config.optionalObject('exported') ?? {},
    ...(config.has('_do') ? { subtasks: config.object('_do') } : {}),
  }),
}

/** `flaky>: n` fails so many times, then succeeds. */
export const flakyOperator: Operator = {
  name: 'flaky',
  secrets: [],
  retries: true,
  async run({ config, task, log }) {
    log(`try ${task.retries}`)
    if (task.retries < config.integer('_command')) throw new OperatorError('not yet')
    return {}
  },
}

/** `secret>: text` prints a text with its secrets; `fail: true` fails with it, `store: true` stores it. */
export const secretOperator: Operator = {
  name: 'secret',
  secrets: ['db.*', 'token'],
  retries: false,
  async run({ config, secrets, log }) {
    const text = await secrets.expand(config.string('_command'))
    log(text)
    if (config.boolean('fail', false)) throw new OperatorError(`refused ${text}`)
    return config.boolean('store', false) ? { stored: { got: text } } : {}
  },
}

/** `params>:` prints all its parameters as JSON. */
export const paramsOperator: Operator = {
  name: 'params',
  secrets: [],
  retries: false,
  async run({ params, log }) {
    log(JSON.stringify(params))
    return {}
  },
}

/** Names of `broken>` tasks that fail now. */
export const broken = new Set<string>()

/** Names of `broken>` tasks that fail one more time. */
export const brokenOnce = new Set<string>()

/** `broken>: name` fails as long as the test says so, and stores its name otherwise. */
export const brokenOperator: Operator = {
  name: 'broken',
  secrets: [],
  retries: false,
  async run({ config, log }) {
    const name = config.string('_command')
    log(name)
    if (broken.has(name) || brokenOnce.delete(name)) throw new TypeError(`${name} is broken`)
    return { stored: { [name]: 1 } }
  },
}
