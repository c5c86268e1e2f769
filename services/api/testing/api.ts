import type { UnsupportedOperators } from '#workflows/dig/index.ts'
import type { Client } from '@temporalio/client'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino, type Logger } from 'pino'
import { tarGz } from '#archive/pack.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { Store } from '#store/index.ts'
import type { Static } from 'typebox'
import { buildApp } from '../app.ts'
import type { Log } from '#services/shared/log.ts'
import { createChecker } from '../push/checker.ts'
import { createPush } from '../push/push.ts'
import type { ErrorAnswer } from '../schemas/common.ts'
import type { PushedProject } from '../schemas/project.ts'
import { createStartWorkflow } from '#services/shared/start-workflow.ts'
import { createStartable } from '#services/shared/startable.ts'
import { createSettleSchedule } from '#services/shared/settle-schedule.ts'
import { createAttemptControl, type AttemptControl } from '../temporal/attempts.ts'
import { createCatchUp, type CatchUp } from '../temporal/catch-up.ts'
import { createPauses } from '../temporal/pauses.ts'
import { createScheduleControl, type ScheduleControl } from '../temporal/schedules.ts'
import { createSweep, type Sweep } from '../temporal/sweep.ts'
import { strictAnswers } from './strict-answers.ts'
import { createTestTemporal } from './temporal.ts'

export interface Answer<Body> {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Body
  readonly raw: Buffer
}

export interface TestApi {
  readonly app: FastifyInstance
  readonly store: Store
  readonly client: Client
  readonly database: TestDatabase
  /** The sweep on a Temporal that answers, also when `client` is one that does not. */
  readonly reconnected: { readonly sweep: Sweep; readonly client: Client }
  /** `Body`: what the test expects to be answered. */
  ask<Body = Partial<ErrorAnswer>>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    more?: InjectOptions,
  ): Promise<Answer<Body>>
  push<Body = Static<typeof PushedProject>>(
    project: string,
    revision: string,
    files: Readonly<Record<string, string>>,
    query?: string,
  ): Promise<Answer<Body>>
  /** Resolves when Temporal was informed of all that was started. */
  informed(): Promise<void>
  close(): Promise<void>
}

/** The API as it runs, on a database and a Temporal namespace of its own; only nobody listens. */
export async function createTestApi(
  options: {
    readonly maxArchiveBytes?: number
    readonly unsupportedOperators?: UnsupportedOperators
    readonly client?: Client
    readonly answerAfterMs?: number
    readonly requestTimeoutMillis?: number
    readonly answerHeaders?: Readonly<Record<string, string>>
    readonly logger?: Logger
    /** By which schedules are decided about; the machine's if absent. */
    readonly now?: () => Date
  } = {},
): Promise<TestApi> {
  const database = await createTestDatabase()
  const temporal = await createTestTemporal()
  const { store } = database
  const {
    maxArchiveBytes = 2 * 1024 * 1024,
    unsupportedOperators = 'refuse',
    client = temporal.client,
    requestTimeoutMillis,
    answerHeaders,
    now = () => new Date(),
    answerAfterMs = 30_000,
  } = options
  const log = options.logger ?? pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })
  const control = createAttemptControl({
    client,
    startWorkflow: createStartWorkflow(
      client,
      store.attempts,
      createStartable('http://suiro.example'),
    ),
    attempts: store.attempts,
    log,
  })
  const schedules = createScheduleControl({
    client,
    schedules: store.schedules,
    log,
    answerAfterMs,
  })
  const catchUp = catchUpOf(store, control, schedules, log, now)
  const checker = createChecker()
  const nothing = async (): Promise<void> => {}
  const app = await buildApp({
    store,
    push: createPush({
      store,
      schedules,
      catchUp,
      checker,
      maxArchiveBytes,
      unsupportedOperators,
      now,
    }),
    control,
    schedules,
    catchUp,
    checks: { database: nothing, temporal: nothing },
    secretsKept: true,
    ui: {
      home: 'http://ui.example',
      list: (query) => `http://ui.example/?query=${encodeURIComponent(query)}`,
      attempt: ({ temporalId }) => `http://ui.example/${temporalId}`,
    },
    maxArchiveBytes,
    knownHosts: new Set(['localhost', '127.0.0.1', '[::1]', 'suiro.example']),
    ...(requestTimeoutMillis === undefined ? {} : { requestTimeoutMillis }),
    ...(answerHeaders === undefined ? {} : { answerHeaders }),
    version: '0.0.0',
    now,
    logger: log,
    serializerCompiler: strictAnswers,
  })
  const ask = async <Body>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    more: InjectOptions = {},
  ): Promise<Answer<Body>> => {
    const response = await app.inject({ method, url, ...more })
    const json = response.headers['content-type']?.includes('json') === true
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (json && response.headers['content-encoding'] === undefined
        ? response.json()
        : undefined) as Body,
      raw: response.rawPayload,
    }
  }
  return {
    app,
    store,
    client,
    database,
    reconnected: { client: temporal.client, sweep: sweepOn(temporal.client, store, log) },
    ask,
    push: async (project, revision, files, query = '') =>
      ask('PUT', `/api/projects?project=${project}&revision=${revision}${query}`, {
        headers: { 'content-type': 'application/gzip' },
        payload: await archiveOf(files),
      }),
    informed: () => control.settled(),
    async close() {
      await app.close()
      await catchUp.stop()
      await control.settled()
      await schedules.stop()
      await checker.close()
      await temporal.close()
      await database.drop()
    },
  }
}

function sweepOn(client: Client, store: Store, log: Log): Sweep {
  const { attempts } = store
  const startWorkflow = createStartWorkflow(
    client,
    attempts,
    createStartable('http://suiro.example'),
  )
  const control = createAttemptControl({ client, startWorkflow, attempts, log })
  const schedules = createScheduleControl({
    client,
    schedules: store.schedules,
    log,
    answerAfterMs: 30_000,
  })
  return createSweep({
    client,
    attempts,
    control,
    schedules,
    pauses: createPauses({ client, schedules: store.schedules, log }),
    catchUp: catchUpOf(store, control, schedules, log),
    check: async () => {},
    log,
    olderThanSeconds: 0,
  })
}

const catchUpOf = (
  store: Store,
  control: AttemptControl,
  inTemporal: ScheduleControl,
  log: Log,
  now?: () => Date,
): CatchUp =>
  createCatchUp({
    schedules: store.schedules,
    settle: createSettleSchedule(store, now),
    control,
    inTemporal,
    log,
    answerAfterMs: 30_000,
  })

export const archiveOf = (files: Readonly<Record<string, string>>): Promise<Buffer> =>
  tarGz(Object.entries(files).map(([name, content]) => [{ name }, content]))
