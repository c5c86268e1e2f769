import { randomUUID } from 'node:crypto'
import compress from '@fastify/compress'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifySerializerCompiler,
} from 'fastify'
import type { TSchema } from 'typebox'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import type { Store } from '#store/index.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { guardCallers, type KnownHosts } from './plugins/callers.ts'
import { answerExactly } from './plugins/exact-clients.ts'
import { acceptJson } from './plugins/content-types.ts'
import { documentErrors } from './plugins/documented-errors.ts'
import { answerErrors } from './plugins/error-handler.ts'
import { refuseUnknown } from './plugins/known-fields.ts'
import { unreadable, unroutable } from './plugins/malformed.ts'
import { watchMethods } from './plugins/method-not-allowed.ts'
import { describeApi } from './plugins/openapi.ts'
import { secureAnswers, securityHeaders } from './plugins/security-headers.ts'
import { checkTexts } from './plugins/texts.ts'
import { validatorCompiler } from './plugins/validation.ts'
import type { Push } from './push/push.ts'
import { attemptRoutes, type Monitor } from './routes/attempts.ts'
import { healthRoutes, type Check } from './routes/health.ts'
import { homeRoute } from './routes/home.ts'
import { logTextRoutes } from './routes/log-text.ts'
import { logRoutes } from './routes/logs.ts'
import { overviewRoute } from './routes/overview.ts'
import { projectRoutes } from './routes/projects.ts'
import { pushRoute } from './routes/push.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { secretRoutes } from './routes/secrets.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { taskRoutes } from './routes/tasks.ts'
import { versionRoutes } from './routes/version.ts'
import { workflowRoutes } from './routes/workflows.ts'
import { createStart } from './start.ts'
import type { AttemptControl } from './temporal/attempts.ts'
import type { CatchUp } from './temporal/catch-up.ts'
import type { ScheduleControl } from './temporal/schedules.ts'

export interface AppNeeds {
  readonly store: Store
  readonly push: Push
  readonly control: AttemptControl
  readonly schedules: ScheduleControl
  readonly catchUp: CatchUp
  /** What `/readyz` asks. */
  readonly checks: Readonly<Record<string, Check>>
  readonly secretsKept: boolean
  readonly maxArchiveBytes: number
  /** Names that the API is called by; without them every name is answered. */
  readonly knownHosts?: KnownHosts
  /** Stronger than our own of the same names. */
  readonly answerHeaders?: AnswerHeaders
  /** How long a request may take to arrive; 60 s if absent. */
  readonly requestTimeoutMillis?: number
  /** Temporal's web UI, and the address of an attempt in it. */
  readonly ui?: {
    readonly home: string
    /** Workflows that a filter of Temporal's lets through. */
    readonly list: (query: string) => string
    readonly attempt: Monitor
  }
  readonly version: string
  readonly now?: () => Date
  readonly logger: FastifyBaseLogger
  readonly serializerCompiler?: FastifySerializerCompiler<TSchema>
}

/** The HTTP side of Suiro: plugins, routes, errors; it does not listen yet. */
export async function buildApp(needs: AppNeeds): Promise<FastifyInstance> {
  const { store, push, control, schedules, catchUp, checks, maxArchiveBytes, version, ui } = needs
  const requestTimeout = needs.requestTimeoutMillis ?? 60_000
  const headers = { ...securityHeaders, ...needs.answerHeaders }
  const app = Fastify({
    loggerInstance: needs.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Errors refer to the log by it, also to the log of an earlier process.
    genReqId: () => randomUUID(),
    requestTimeout,
    // Node looks for late requests every 30 s otherwise, so that 60 s would be up to 90.
    http: {
      connectionsCheckingInterval: Math.min(1_000, requestTimeout / 4),
      headersTimeout: requestTimeout,
    },
    frameworkErrors: unroutable(headers),
    clientErrorHandler: unreadable(headers),
    // Names of log files are longer than the router's own limit.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2_000 },
  })
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made field by field beside their schemas; tests hold the one against the other.
  app.setSerializerCompiler(needs.serializerCompiler ?? (() => JSON.stringify))
  secureAnswers(app, headers)
  guardCallers(app, needs.knownHosts)
  acceptJson(app)
  checkTexts(app)
  refuseUnknown(app)
  documentErrors(app)
  answerErrors(app)
  answerExactly(app)
  // Brotli would cost more time than it saves on a network; below the threshold the headers weigh more.
  await app.register(compress, { encodings: ['gzip', 'deflate'], threshold: 512 })
  logRequests(app)
  const methods = watchMethods(app)
  await describeApi(app, version)

  const now = needs.now ?? (() => new Date())

  await app.register(homeRoute, ui === undefined ? {} : { temporalUi: ui })
  await app.register(healthRoutes, { checks })
  await app.register(versionRoutes, { version })
  await app.register(projectRoutes, { store, schedules })
  await app.register(pushRoute, { push, maxArchiveBytes })
  await app.register(workflowRoutes, { store })
  await app.register(scheduleRoutes, {
    store,
    schedules,
    control,
    catchUp,
    now,
  })
  await app.register(overviewRoute, { store, now })
  await app.register(sessionRoutes, { store })
  await app.register(attemptRoutes, {
    store,
    control,
    start: createStart(store, createAcceptAttempt(store), control),
    ...(ui === undefined ? {} : { monitor: ui.attempt }),
  })
  await app.register(taskRoutes, { store })
  await app.register(logRoutes, { store })
  await app.register(logTextRoutes, { store })
  await app.register(secretRoutes, { store, secretsKept: needs.secretsKept })
  methods.finish()
  return app
}

function logRequests(app: FastifyInstance): void {
  const quiet = new Set(['/healthz', '/readyz'])
  app.addHook('onResponse', async (request, reply) => {
    if (quiet.has(request.url)) return
    const { method, url } = request
    request.log.info(
      { method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    )
  })
}
