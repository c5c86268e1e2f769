import { Readable } from 'node:stream'
import { format } from 'node:util'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { OperatorError } from '../failure.ts'
import type { Letter } from './message.ts'
import type { SmtpServer } from './settings.ts'

export interface DeliverOptions {
  /** Whether to break off; a letter that is on its way then may arrive all the same. */
  readonly signal: AbortSignal
  /** Called when the server waits for the letter itself; from then on it may have it. */
  readonly beforeContent: () => Promise<void>
  /** The conversation, when the server's `debug` says so; passwords left out. */
  readonly debug: (line: string) => void
}

/** The connection broke after the letter was begun and before the server said whether it takes it. */
export class DeliveryInDoubtError extends Error {}

/** Gives a letter to a server; answers what the server said. Throws when one recipient was refused. */
export async function deliver(
  server: SmtpServer,
  letter: Letter,
  options: DeliverOptions,
): Promise<string> {
  const { signal } = options
  signal.throwIfAborted()
  const connection = new SMTPConnection(connectionOptions(server, options))
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  connection.on('error', broken.reject)
  const stop = (): void => {
    broken.reject(signal.reason)
    connection.close()
  }
  signal.addEventListener('abort', stop, { once: true })
  const step = <Value>(run: (done: Done<Value>) => void): Promise<Value> =>
    Promise.race([broken.promise, settled(run)])
  let begun = false
  let ours: unknown
  try {
    await step<undefined>((done) => connection.connect((error) => done(error ?? null, undefined)))
    const { username: user, password: pass = '' } = server
    if (user !== undefined) {
      await step((done) => connection.login({ user, pass, credentials: { user, pass } }, done))
    }
    const content = Readable.from(
      (async function* () {
        await options.beforeContent().catch((error: unknown) => {
          ours = error
          throw error
        })
        begun = true
        yield letter.content
      })(),
    )
    content.on('error', broken.reject)
    const envelope = { from: letter.sender, to: [...letter.recipients] }
    const sent = await step<Sent>((done) => connection.send(envelope, content, done))
    if (sent.rejected.length > 0) throw partlyRefused(sent)
    return sent.response
  } catch (error) {
    signal.throwIfAborted()
    // A database that is away is no answer of the mail server, though its errors have codes too.
    if (ours !== undefined) throw ours
    if (error instanceof OperatorError || !isSmtpError(error)) throw error
    if (begun && error.responseCode === undefined) throw new DeliveryInDoubtError(error.message)
    throw new OperatorError(
      `Cannot send mail by ${server.host}:${server.port}: ${error.response ?? error.message}`,
      { cause: error, code: error.responseCode === undefined ? 'UNREACHABLE' : 'FAILED' },
    )
  } finally {
    signal.removeEventListener('abort', stop)
    connection.close()
  }
}

function connectionOptions(
  server: SmtpServer,
  { debug }: DeliverOptions,
): ConstructorParameters<typeof SMTPConnection>[0] {
  const line = (_: unknown, message: string, ...rest: unknown[]): void =>
    debug(format(message, ...rest))
  const quiet = (): void => undefined
  return {
    host: server.host,
    port: server.port,
    secure: server.ssl,
    ignoreTLS: !server.tls,
    connectionTimeout: server.connectSeconds * 1000,
    greetingTimeout: server.connectSeconds * 1000,
    socketTimeout: server.socketSeconds * 1000,
    transactionLog: server.debug,
    logger: server.debug
      ? { trace: line, debug: line, info: line, warn: line, error: line, fatal: line }
      : { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet },
  }
}

type Done<Value> = (error: Error | null, value?: Value) => void

const settled = <Value>(run: (done: Done<Value>) => void): Promise<Value> =>
  new Promise((resolve, reject) => {
    run((error, value) => (error === null ? resolve(value as Value) : reject(error)))
  })

interface Sent {
  readonly accepted: readonly string[]
  readonly rejected: readonly string[]
  readonly rejectedErrors?: readonly Error[] | undefined
  readonly response: string
}

/** The others have the mail already, so that running again would send it to them twice. */
function partlyRefused({ accepted, rejected, rejectedErrors = [] }: Sent): OperatorError {
  const why = rejectedErrors.map((error) => ('response' in error ? error.response : error.message))
  return new OperatorError(
    `The mail was sent to ${accepted.join(', ')}, but the server refuses ${rejected.join(', ')}: ${why.join('; ')}`,
    { final: true },
  )
}

interface SmtpError extends Error {
  readonly code: string
  /** What the server said, when it said something. */
  readonly response?: string
  readonly responseCode?: number
}

/** The client gives all its errors a code; Node gives those of sockets one. */
const isSmtpError = (error: unknown): error is SmtpError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
