import {
  defaultConnectSeconds,
  defaultPort,
  defaultSocketSeconds,
  type MailSettings,
  type SmtpServer,
} from '#activities/mail/settings.ts'
import { readOneAddress } from './addresses.ts'
import type { EnvReader } from '#services/shared/settings/env.ts'

/** Settings of `mail>` for tasks that name no server. */
export function readMailSettings(env: EnvReader): MailSettings {
  const server = readSmtpServer(env, 'SUIRO_MAIL')
  const from = env.value('SUIRO_MAIL_FROM')
  const subject = env.value('SUIRO_MAIL_SUBJECT')
  if (from !== undefined) readOneAddress(env, 'SUIRO_MAIL_FROM', from)
  return {
    ...(server === undefined ? {} : { server }),
    ...(from === undefined ? {} : { from }),
    ...(subject === undefined ? {} : { subject }),
  }
}

/** The server of the variables that begin with `prefix`; undefined when no host is set. */
export function readSmtpServer(env: EnvReader, prefix: string): SmtpServer | undefined {
  const host = env.value(`${prefix}_HOST`)
  const ssl = env.flag(`${prefix}_SSL`, false)
  const port = env.whole(`${prefix}_PORT`, defaultPort(ssl), 65_535)
  const username = env.value(`${prefix}_USERNAME`)
  const password = env.value(`${prefix}_PASSWORD`)
  const tls = env.flag(`${prefix}_TLS`, true)
  const connectSeconds = env.duration(`${prefix}_CONNECT_TIMEOUT`, defaultConnectSeconds)
  const socketSeconds = env.duration(`${prefix}_SOCKET_TIMEOUT`, defaultSocketSeconds)
  const others = ['PORT', 'USERNAME', 'PASSWORD', 'TLS', 'SSL'].map((key) => `${prefix}_${key}`)
  if (host === undefined) {
    const set = others.filter((name) => env.value(name) !== undefined)
    if (set.length > 0)
      env.mistakes.push(`${prefix}_HOST is not set, but ${set.join(', ')}: these mean its server`)
    return undefined
  }
  if (password !== undefined && username === undefined) {
    env.mistakes.push(`${prefix}_PASSWORD is set, but ${prefix}_USERNAME is not`)
  }
  return {
    host,
    port,
    tls,
    ssl,
    // The conversation with the worker's server is no business of a project's log.
    debug: false,
    connectSeconds,
    socketSeconds,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}
