import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { WebKey } from './key.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import { readContent, type Content } from './content.ts'
import { readHeaders, withOwnHeaders, type Header } from './headers.ts'
import { readQuery } from './query.ts'
import { readRoute, type Route } from './route.ts'
import { holdsSecrets } from './secret-text.ts'
import type { HttpSettings } from './settings.ts'
import { readTarget, type Target } from './target.ts'

/** A request as its task describes it. */
export interface Request {
  readonly method: string
  readonly target: Target
  readonly headers: readonly Header[]
  readonly content: Content | undefined
  readonly route: Route
  readonly insecure: boolean
  /** How many redirects are followed. */
  readonly redirects: number
  /** 0 is without limit. */
  readonly timeoutSeconds: number
  /** Whether what may pass is tried again without end. */
  readonly retry: boolean
}

const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface RequestOptions {
  readonly settings: HttpSettings
  /** The URI, when it is a secret as a whole. */
  readonly secretUri?: string
  /** The method where the task names none. */
  readonly methodWithContent: string
}

/** Reads all options of `http>` but what becomes of the answer. */
export async function readRequest(
  config: Config<WebKey>,
  secrets: TaskSecrets,
  { settings, secretUri, methodWithContent }: RequestOptions,
): Promise<Request> {
  const [content, query] = [await readContent(config, secrets), await readQuery(config, secrets)]
  const method = readMethod(config) ?? (content === undefined ? 'GET' : methodWithContent)
  const target = await readTarget(
    {
      uri: secretUri ?? config.string('_command'),
      uriIsSecret: secretUri !== undefined,
      query,
      queryIsSecret: holdsSecrets(JSON.stringify(config.get('query') ?? null)),
    },
    secrets,
  )
  const headers = await readHeaders(config, secrets)
  const { userAgent } = settings
  return {
    method,
    target,
    content,
    headers: await withOwnHeaders(headers, secrets, { userAgent, url: target.url }),
    route: readRoute(config, settings),
    insecure: config.boolean('insecure', false),
    redirects: config.boolean('follow_redirects', true) ? settings.maxRedirects : 0,
    timeoutSeconds: readTimeout(config),
    retry: config.optionalBoolean('retry') ?? harmless.has(method),
  }
}

function readMethod(config: Config<WebKey>): string | undefined {
  const method = config.optionalString('method')?.trim().toUpperCase()
  if (method === undefined) return undefined
  if (/^[A-Z]+$/.test(method) && method !== 'CONNECT') return method
  throw configError(`Invalid method: '${method}' is no method of an HTTP request`)
}

/** Node's timers reach no further. */
const longestTimeout = 2_147_483

function readTimeout(config: Config<WebKey>): number {
  const seconds = config.optionalInteger('timeout') ?? 30
  if (seconds >= 0 && seconds <= longestTimeout) return seconds
  throw configError(`Invalid timeout: ${seconds}. It is a number of seconds, 0 for no limit`)
}
