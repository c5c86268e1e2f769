import { isAbsolute, resolve } from 'node:path'
import { ConfigError } from '#services/shared/settings/config-error.ts'
import { readSecretKey } from '#services/shared/settings/secret-key.ts'
import { readLogLevel, type LogLevel } from '#services/shared/log.ts'
import { readTemporalSettings, type TemporalSettings } from '#services/shared/settings/temporal.ts'
import { containerModes, type ContainerMode } from '#activities/command/executor.ts'
import type { HttpSettings } from '#activities/http/settings.ts'
import { defaultLogBytes } from '#activities/log/task-log.ts'
import type { MailSettings } from '#activities/mail/settings.ts'
import type { NotificationSettings } from '#activities/notify/settings.ts'
import { taskQueues, type TaskQueue } from '#workflows/domain/task-queues.ts'
import { createEnvReader, type Env } from '#services/shared/settings/env.ts'
import { readHttpSettings } from './settings/http.ts'
import { readMailSettings } from './settings/mail.ts'
import type { RetentionPolicy } from '#store/retention/policy.ts'
import { readRetention } from './settings/retention.ts'
import { readNotificationSettings } from './settings/notification.ts'

/** The worker's settings; docs/settings.md describes each. */
export interface WorkerConfig {
  readonly databaseUrl: string
  readonly temporal: TemporalSettings
  readonly bigquery: {
    /** Absent: tasks must name their project by the secret `gcp.project`. */
    readonly projectId?: string
    /** Absent: the real service. */
    readonly apiEndpoint?: string
    readonly location?: string
  }
  readonly storage: { readonly apiEndpoint?: string }
  readonly http: HttpSettings
  readonly mail: MailSettings
  /** Absent: notifications are in their task's log only. */
  readonly notifications?: NotificationSettings
  readonly queues: readonly TaskQueue[]
  readonly health: { readonly host: string; readonly port: number }
  /** Where people reach the API, for links. */
  readonly url?: string
  /** Where tasks' working folders are made. */
  readonly home: string
  readonly secretKey?: Uint8Array
  /** What becomes of commands that ask for a container. */
  readonly containers: ContainerMode
  /** Whom tasks' commands run as; `none` is the worker itself, and absent: one is chosen where it may. */
  readonly taskUser?: 'none' | { readonly uid: number; readonly gid: number }
  /** The folder with the team's own operators. */
  readonly operators?: string
  /** Prebuilt workflow bundle; without it the worker bundles at start. */
  readonly workflowBundle?: string
  /** Seconds that running tasks are given to stop when the worker is asked to. */
  readonly drainSeconds: number
  readonly cachedWorkflows: number
  /** How long what is over is kept. */
  readonly retention: RetentionPolicy
  /** Of the worker's own log. */
  readonly logLevel: LogLevel
  /** Of what one run of a task prints, as much as its log takes. */
  readonly logBytes: number
}

/** Reads the settings; throws a ConfigError that names all mistakes. */
export function readConfig(env: Env): WorkerConfig {
  const reader = createEnvReader(env)
  const { mistakes, value, required, whole } = reader
  const mail = readMailSettings(reader)
  const notifications = readNotificationSettings(reader, mail)
  const home = value('SUIRO_HOME') ?? '.suiro'
  const projectId = value('GOOGLE_CLOUD_PROJECT')
  const bigqueryEndpoint = value('BIGQUERY_API_ENDPOINT')
  const location = value('BIGQUERY_LOCATION')
  const storageEndpoint = value('STORAGE_API_ENDPOINT')
  const operators = value('SUIRO_OPERATORS')
  const bundle = value('SUIRO_WORKFLOW_BUNDLE')
  const url = reader.uri('SUIRO_URL')?.replace(/\/+$/, '')
  const secretKey = readSecretKey(reader)
  const taskUser = readTaskUser(value('SUIRO_TASK_USER'), mistakes)

  const config: WorkerConfig = {
    databaseUrl: required('DATABASE_URL', 'for example postgres://user:password@host:5432/suiro'),
    temporal: readTemporalSettings(env, mistakes),
    bigquery: {
      ...(projectId === undefined ? {} : { projectId }),
      ...(bigqueryEndpoint === undefined ? {} : { apiEndpoint: bigqueryEndpoint }),
      ...(location === undefined ? {} : { location }),
    },
    storage: storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint },
    http: readHttpSettings(reader),
    mail,
    ...(notifications === undefined ? {} : { notifications }),
    queues: readQueues(value('SUIRO_TASK_QUEUES'), mistakes),
    health: {
      host: value('SUIRO_WORKER_HOST') ?? value('SUIRO_HOST') ?? '127.0.0.1',
      port: whole('SUIRO_WORKER_PORT', 65437, 65535),
    },
    home: isAbsolute(home) ? home : resolve(home),
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(url === undefined ? {} : { url }),
    ...(bundle === undefined ? {} : { workflowBundle: bundle }),
    ...(operators === undefined ? {} : { operators }),
    ...(taskUser === undefined ? {} : { taskUser }),
    containers: readContainers(value('SUIRO_CONTAINERS') ?? 'none', mistakes),
    logLevel: readLogLevel(env, mistakes),
    logBytes: whole('SUIRO_LOG_MAX_BYTES', defaultLogBytes, 2 ** 30),
    drainSeconds: whole('SUIRO_DRAIN_SECONDS', 15, 3600),
    cachedWorkflows: whole('SUIRO_CACHED_WORKFLOWS', 500, 100_000),
    retention: readRetention(reader),
  }
  if (mistakes.length > 0) throw new ConfigError('The worker', mistakes)
  return config
}

function readQueues(text: string | undefined, mistakes: string[]): readonly TaskQueue[] {
  if (text === undefined) return taskQueues
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !(taskQueues as readonly string[]).includes(name))
  if (unknown.length > 0) {
    mistakes.push(
      `SUIRO_TASK_QUEUES names ${unknown.join(', ')}; the task queues are ${taskQueues.join(', ')}`,
    )
  }
  return taskQueues.filter((queue) => names.includes(queue))
}

function readContainers(text: string, mistakes: string[]): ContainerMode {
  const mode = containerModes.find((known) => known === text)
  if (mode === undefined) {
    mistakes.push(`SUIRO_CONTAINERS must be one of ${containerModes.join(', ')}, but is "${text}"`)
  }
  return mode ?? 'none'
}

function readTaskUser(text: string | undefined, mistakes: string[]): WorkerConfig['taskUser'] {
  if (text === undefined || text === 'none') return text
  const [, uid, gid] = /^([1-9]\d{0,8})(?::([1-9]\d{0,8}))?$/.exec(text) ?? []
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid ?? uid) }
  mistakes.push(
    `SUIRO_TASK_USER must be none, or the numbers of a user and a group that are not root's, such as 61000:61000, but is "${text}"`,
  )
  return undefined
}
