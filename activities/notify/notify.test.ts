import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CancelledFailure } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createHttpServer, type TestServer } from '../http/testing/server.ts'
import { createSmtp } from '../mail/testing/smtp.ts'
import { defaultHttpSettings } from '../http/settings.ts'
import { operatorContext, type TestTask } from '../testing/operator-context.ts'
import { createStage, type Played, type Stage } from '#harness/stage/play.ts'
import { createNotify } from './notify.ts'
import { defaultBody, defaultSubject, type NotificationSettings } from './settings.ts'

let stage: Stage
let server: TestServer
beforeAll(async () => {
  stage = await createStage()
  server = await createHttpServer()
})
afterAll(() => Promise.all([stage.close(), server.close()]))

type Channel = NotificationSettings['channel']

const patience = { retries: 2, minRetryWaitMilliseconds: 10, maxRetryWaitMilliseconds: 15 }
const webhook = (over: Partial<Extract<Channel, { type: 'http' }>> = {}): Channel => ({
  type: 'http',
  url: `${server.origin}/hook?token=hidden`,
  method: 'POST',
  headers: {},
  format: 'json',
  ...over,
})

/** Runs an attempt on a worker that notifies so. */
async function play(channel: Channel, dig: string): Promise<Played> {
  const notifying = await createStage([], { notifications: { channel, ...patience } })
  onTestFinished(() => notifying.close())
  return notifying.play({ 'case.dig': dig })
}

/** Runs one `notify>` task by itself. */
function notify(channel: Channel, task: TestTask = {}) {
  const operator = createNotify({
    tasks: { failures: () => Promise.resolve([]) },
    render: (text) => Promise.resolve(text),
    http: defaultHttpSettings,
    settings: { channel, ...patience },
  })
  const context = operatorContext(operator, { _command: 'hello' }, task)
  return { context, result: operator.run(context) }
}

const failing = 'timezone: Asia/Tokyo\n+a:\n  fail>: no <rows>\n'

describe('notify> without settings', () => {
  test('is in the log', async () => {
    const played = await stage.play({ 'case.dig': failing })
    expect(played.task('+case^failure-alert').state).toBe('success')
    expect(await played.log('+case^failure-alert')).toContain(
      `Workflow session attempt failed: demo/case, attempt ${played.attempt.id}`,
    )
  })
})

describe('notify> by HTTP', () => {
  test('sends the fields of Digdag’s notifications, and what failed', async () => {
    const played = await play(webhook({ headers: { Authorization: 'Bearer t' } }), failing)
    const { method, url, headers, body } = server.received.at(-1)!
    expect({ method, url }).toEqual({ method: 'POST', url: '/hook?token=hidden' })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer t',
    })
    const { attempt } = played
    expect(JSON.parse(body)).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      message: 'Workflow session attempt failed',
      site_id: 0,
      project_id: attempt.projectId,
      project_name: 'demo',
      workflow_name: 'case',
      revision: expect.any(String),
      attempt_id: attempt.id,
      session_id: attempt.sessionId,
      task_name: '+case^failure-alert',
      timezone: 'Asia/Tokyo',
      session_uuid: attempt.sessionUuid,
      session_time: '2026-03-05T09:00:00+09:00',
      workflow_definition_id: null,
      failed_tasks: [{ task_name: '+case+a', message: 'no <rows>' }],
    })
    const log = await played.log('+case^failure-alert')
    expect(log).toContain(`Sent the notification to ${server.origin}/***`)
    expect(log).not.toContain('hidden')
  })

  test('sends a text to Slack, whose marks are escaped', async () => {
    const played = await play(webhook({ format: 'slack', method: 'PUT' }), failing)
    expect(server.received.at(-1)!.method).toBe('PUT')
    expect(JSON.parse(server.received.at(-1)!.body)).toEqual({
      text: `*Workflow session attempt failed*\ndemo / case, session 2026-03-05T09:00:00+09:00, attempt ${played.attempt.id}\n+case+a: no &lt;rows&gt;`,
    })
  })

  test('reports the last round of a group, and no task that failed and was fixed', async () => {
    const again = '+g:\n  _retry: 1\n  +a:\n    fail>: always\n+b:\n  echo>: b\n'
    await play(webhook(), again)
    expect(JSON.parse(server.received.at(-1)!.body)).toMatchObject({
      failed_tasks: [{ task_name: '+case+g+a', message: 'always' }],
    })
  })

  test('tries again, and then fails its own task and nothing more', async () => {
    server.respond = (_, response) => response.writeHead(500).end('down')
    const before = server.received.length
    const played = await play(webhook(), failing)
    expect(server.received).toHaveLength(before + 3)
    expect(played.slept).toEqual([0.01, 0.015])
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case^failure-alert error',
    ])
    const log = await played.log('+case^failure-alert')
    const why = `Sending notification failed: HTTP 5XX Server Error: POST ${server.origin}/*** - 500 Server Error: down`
    expect(log).toContain(`${why}: retry 1 of 2 in 0.01 seconds`)
    expect(log).toContain(`Task failed with unexpected error: ${why} (runtime)`)
    expect(played.end.state).toBe('error')
  })

  test('ends at once when it is killed', async () => {
    const arrived = Promise.withResolvers<void>()
    server.respond = () => arrived.resolve()
    const { context, result } = notify(webhook())
    await arrived.promise
    const killed = new CancelledFailure('CANCELLED')
    context.abort(killed)
    await expect(result).rejects.toBe(killed)
  })
})

describe('notify> by mail', () => {
  test('sends subject and body with the notification’s fields', async () => {
    const smtp = await createSmtp()
    onTestFinished(() => smtp.close())
    const address = (name: string) => ({ name: '', address: `${name}@example.com` })
    const smtpServer = { host: '127.0.0.1', port: smtp.port, tls: true, ssl: false, debug: false }
    const played = await play(
      {
        type: 'mail',
        server: { ...smtpServer, connectSeconds: 10, socketSeconds: 10 },
        from: address('suiro'),
        to: [address('ann')],
        cc: [],
        bcc: [address('bob')],
        subject: defaultSubject,
        body: defaultBody,
        html: false,
      },
      failing,
    )
    const { to, content } = smtp.received[0]!
    expect(to).toEqual(['ann@example.com', 'bob@example.com'])
    expect(content).toContain(
      'Subject: Workflow session attempt failed: demo / case at 2026-03-05T09:00:00+09:00\r\n',
    )
    expect(content).toContain(`Attempt:  ${played.attempt.id}\r\n`)
    expect(content).toContain('\r\n\r\n+case+a: no <rows>')
  })
})

describe('notify> by a shell command', () => {
  test('gives it the notification, and the environment without Suiro’s own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'suiro-notify-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'out')
    process.env['SUIRO_SECRET_KEY_OF_TEST'] = 'hidden'
    process.env['NOTIFY_TOKEN'] = 'token'
    const command = `cat > ${file}; echo "$NOTIFY_TOKEN$SUIRO_SECRET_KEY_OF_TEST" >> ${file}`
    const { result } = notify({ type: 'shell', command, timeoutMilliseconds: 30_000 })
    await result
    const [json = '', token] = (await readFile(file, 'utf8')).split(/(?<=\})(?=token)/)
    expect(JSON.parse(json)).toMatchObject({ message: 'hello', project_name: 'demo' })
    expect(token).toBe('token\n')
  })

  test('says how it failed, or that it took too long', async () => {
    const run = (command: string, timeoutMilliseconds: number) =>
      notify({ type: 'shell', command, timeoutMilliseconds }, { polls: 2 }).result
    await expect(run('exit 3', 30_000)).rejects.toThrow(
      'Sending notification failed: Notification shell command failed: exit 3, exit code = 3',
    )
    await expect(run('sleep 60', 50)).rejects.toThrow('Notification shell command timed out')
  })
})
