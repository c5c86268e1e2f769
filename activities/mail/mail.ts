import { setTimeout as sleep } from 'node:timers/promises'
import { isObject, numericOf, textOf } from '#workflows/domain/json.ts'
import { renderedFile } from '../bigquery/project-text.ts'
import { configError, OperatorError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import { killSignal } from '../task/interruption.ts'
import type { OperatorContext } from '../task/operator.ts'
import { parseAddresses, readAddresses } from './addresses.ts'
import { readAttachments } from './attachments.ts'
import { deliver, DeliveryInDoubtError } from './deliver.ts'
import { writeLetter, type Mail } from './message.ts'
import { readServer } from './server.ts'
import type { MailSettings } from './settings.ts'

/** How far a try has come, stored in its state. */
const progressKey = 'mail'

// M1. Before a server gets the letter itself, the try's state says so; when it took it, the state says that.
// M2. A try that finds its letter taken is done; one that finds it only handed over cannot know, and fails
//     without another try: rather none than two.

/** `mail>: FILE` or `mail>: {data: TEXT}` sends a mail. */
export const createMail = (settings: MailSettings): BuiltIn<'mail'> =>
  builtIn('mail', async (context) => {
    const { secrets, state, say, signal } = context
    const config = context.config.withDefaults('mail')
    if (config.has('password')) {
      say('WARN', "Unsecure 'password' parameter is ignored: set the secret mail.password instead")
    }
    const mail = await readMail(context, config, settings)
    const server = await readServer(config, secrets, settings)
    const named = `the mail ${mail.messageId} to ${server.host}:${server.port}`

    const progress = state.value[progressKey]
    if (progress === 'taken') {
      say('INFO', `An earlier run of this task has given ${named}; it is not sent again`)
      return {}
    }
    if (progress === 'handing over') throw inDoubt(named, 'The worker was lost')
    try {
      const response = await deliver(server, await writeLetter(mail), {
        // At a shutdown the letter is finished: it takes seconds, and broken off it would be in doubt.
        signal: killSignal(signal),
        beforeContent: () => state.save({ [progressKey]: 'handing over' }),
        debug: context.log,
      })
      await patiently(() => state.save({ [progressKey]: 'taken' }))
      say('INFO', `Sent ${named}: ${response}`)
    } catch (error) {
      if (!(error instanceof DeliveryInDoubtError)) throw error
      throw inDoubt(named, `The connection was lost (${error.message})`)
    }
    return {}
  })

const inDoubt = (named: string, what: string): OperatorError =>
  new OperatorError(
    `${what} while it handed ${named}; whether the server took it is not known, so it is not sent again. Look for its Message-ID before you run this task again`,
    { final: true },
  )

async function readMail(
  context: OperatorContext<'_workdir'>,
  config: Config<KeyOf<'mail'>>,
  settings: MailSettings,
): Promise<Mail> {
  const { task } = context
  const [from, ...more] = parseAddresses(
    config.optionalString('from') ?? settings.from ?? config.string('from'),
  )
  if (from === undefined || more.length > 0)
    throw configError("Parameter 'from' must be one address")
  if (config.get('to') === undefined) config.string('to')
  const [to, cc, bcc] = (['to', 'cc', 'bcc'] as const).map((key) => readAddresses(config.get(key)))
  const mail: Mail = {
    messageId: `<${task.sessionUuid}.${task.attemptId}.${task.taskId}@${from.address.split('@')[1]}>`,
    from,
    to: to ?? [],
    cc: cc ?? [],
    bcc: bcc ?? [],
    subject: config.optionalString('subject') ?? settings.subject ?? config.string('subject'),
    html: config.boolean('html', false),
    body: await readBody(context, config),
    attachments: await readAttachments(config, context.project),
  }
  if ([mail.to, mail.cc, mail.bcc].every((addresses) => addresses.length === 0)) {
    throw configError("Parameter 'to' names nobody, and neither do 'cc' and 'bcc'")
  }
  return mail
}

/** `mail>: FILE`, `mail>: {data: TEXT}`, or the text in `body` without either. */
async function readBody(
  context: OperatorContext<'_workdir'>,
  config: Config<KeyOf<'mail'>>,
): Promise<string> {
  const command = config.get('_command')
  if (command === undefined && config.has('body')) return config.string('body')
  if (!isObject(command)) return renderedFile(context, config.string('_command'))
  const { data } = command
  if (typeof data === 'string' || numericOf(data) !== undefined) return textOf(data)
  throw configError("Parameter 'data' is required but not set")
}

const mostTries = 10

/** The mail is out: a database that is away for a moment must not make us forget it. */
async function patiently(save: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await save()
      return
    } catch (error) {
      if (tries === mostTries) throw error
      await sleep(1000)
    }
  }
}
