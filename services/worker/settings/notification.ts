import { readFileSync } from 'node:fs'
import type { MailSettings } from '#activities/mail/settings.ts'
import {
  defaultBody,
  defaultSubject,
  type NotificationSettings,
} from '#activities/notify/settings.ts'
import { readAddressList, readOneAddress } from './addresses.ts'
import type { EnvReader } from '#services/shared/settings/env.ts'
import { readSmtpServer } from './mail.ts'

const prefix = 'SUIRO_NOTIFICATION'
const longestWait = 24 * 3600 * 1000

/** How `notify>` reaches people; undefined when it does not. */
export function readNotificationSettings(
  env: EnvReader,
  mail: MailSettings,
): NotificationSettings | undefined {
  const type = env.choice(`${prefix}_TYPE`, ['none', 'http', 'mail', 'shell'], 'none')
  if (type === 'none') return undefined
  const read = { http: readHttp, shell: readShell, mail: () => readMail(env, mail) }
  return {
    channel: read[type](env),
    retries: env.whole(`${prefix}_RETRIES`, 10, 1000),
    minRetryWaitMilliseconds: env.whole(`${prefix}_MIN_RETRY_WAIT`, 1000, longestWait),
    maxRetryWaitMilliseconds: env.whole(`${prefix}_MAX_RETRY_WAIT`, 30_000, longestWait),
  }
}

type Channel = NotificationSettings['channel']

function readHttp(env: EnvReader): Channel {
  const name = `${prefix}_HTTP_URL`
  env.required(name, 'the address that notifications are sent to')
  return {
    type: 'http',
    url: env.uri(name) ?? '',
    method: readMethod(env, `${prefix}_HTTP_METHOD`),
    headers: readHeaders(env, `${prefix}_HTTP_HEADERS`),
    format: env.choice(`${prefix}_HTTP_FORMAT`, ['json', 'slack'], 'json'),
  }
}

function readMethod(env: EnvReader, name: string): string {
  const method = (env.value(name) ?? 'POST').toUpperCase()
  if (!/^[A-Z]+$/.test(method) || method === 'CONNECT') {
    env.mistakes.push(`${name} must be a method such as POST or PUT, but is "${method}"`)
  }
  return method
}

function readHeaders(env: EnvReader, name: string): Readonly<Record<string, string>> {
  const text = env.value(name)
  if (text === undefined) return {}
  // Without the value, which may be a token.
  const wrong = `${name} must be a JSON object of texts, such as {"Authorization": "Bearer …"}`
  try {
    const headers: unknown = JSON.parse(text)
    if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) {
      const entries = Object.entries(headers).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      )
      // Refuses what cannot be a header.
      void new Headers(entries)
      if (entries.length === Object.keys(headers).length) return Object.fromEntries(entries)
    }
  } catch {
    // Said below.
  }
  env.mistakes.push(wrong)
  return {}
}

function readShell(env: EnvReader): Channel {
  return {
    type: 'shell',
    command: env.required(
      `${prefix}_SHELL_COMMAND`,
      'what is run with a notification on its input',
    ),
    timeoutMilliseconds: env.whole(`${prefix}_SHELL_TIMEOUT`, 30_000, longestWait),
  }
}

function readMail(env: EnvReader, mail: MailSettings): Channel {
  const server = readSmtpServer(env, `${prefix}_MAIL`) ?? mail.server
  if (server === undefined) {
    env.mistakes.push(`${prefix}_MAIL_HOST is not set, and neither is SUIRO_MAIL_HOST`)
  }
  const fromName = `${prefix}_MAIL_FROM`
  const from = env.value(fromName) ?? mail.from ?? env.required(fromName, 'who sends notifications')
  const list = (key: string) => {
    const name = `${prefix}_MAIL_${key}`
    return readAddressList(env, name, env.value(name))
  }
  const to = env.required(`${prefix}_MAIL_TO`, 'who gets notifications, behind commas')
  return {
    type: 'mail',
    server: server ?? { ...noServer },
    from: from === '' ? { name: '', address: '' } : readOneAddress(env, fromName, from),
    to: readAddressList(env, `${prefix}_MAIL_TO`, to),
    cc: list('CC'),
    bcc: list('BCC'),
    subject: env.value(`${prefix}_MAIL_SUBJECT`) ?? defaultSubject,
    body: readTemplate(env, `${prefix}_MAIL_BODY_TEMPLATE_FILE`) ?? defaultBody,
    html: env.flag(`${prefix}_MAIL_HTML`, false),
  }
}

/** A placeholder where a mistake has been reported, so that the worker never starts with it. */
const noServer = {
  ...{ host: '', port: 0, tls: true, ssl: false, debug: false },
  ...{ connectSeconds: 0, socketSeconds: 0 },
} as const

function readTemplate(env: EnvReader, name: string): string | undefined {
  const file = env.value(name)
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    env.mistakes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
