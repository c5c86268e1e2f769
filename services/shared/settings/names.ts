import { nearest } from '#workflows/dig/did-you-mean.ts'

const server = (prefix: string): readonly string[] =>
  ['HOST', 'PORT', 'USERNAME', 'PASSWORD', 'TLS', 'SSL', 'CONNECT_TIMEOUT', 'SOCKET_TIMEOUT'].map(
    (key) => `${prefix}_${key}`,
  )

/** Every setting of our own, of all processes, as docs/settings.md has them. */
export const settingNames: readonly string[] = [
  'SUIRO_ALLOWED_HOSTS',
  'SUIRO_ANSWER_HEADERS',
  'SUIRO_BIGQUERY_GRPC_PORT',
  'SUIRO_BIGQUERY_HOST',
  'SUIRO_BIGQUERY_PORT',
  'SUIRO_BUCKET',
  'SUIRO_CACHED_WORKFLOWS',
  'SUIRO_CHROMIUM',
  'SUIRO_CONTAINERS',
  'SUIRO_DRAIN_SECONDS',
  'SUIRO_EXAMPLES',
  'SUIRO_HOME',
  'SUIRO_HOST',
  'SUIRO_HTTP_ALLOW_USER_PROXY',
  'SUIRO_HTTP_MAX_CONTENT',
  'SUIRO_HTTP_MAX_REDIRECTS',
  'SUIRO_HTTP_PROXY',
  'SUIRO_HTTP_USER_AGENT',
  'SUIRO_LOG_LEVEL',
  'SUIRO_LOG_MAX_BYTES',
  'SUIRO_MAIL_FROM',
  'SUIRO_MAIL_PASSWORD_FILE',
  'SUIRO_MAIL_SUBJECT',
  ...server('SUIRO_MAIL'),
  'SUIRO_MAX_ARCHIVE_BYTES',
  'SUIRO_NOTIFICATION_HTTP_FORMAT',
  'SUIRO_NOTIFICATION_HTTP_HEADERS',
  'SUIRO_NOTIFICATION_HTTP_METHOD',
  'SUIRO_NOTIFICATION_HTTP_URL',
  'SUIRO_NOTIFICATION_MAIL_BCC',
  'SUIRO_NOTIFICATION_MAIL_BODY_TEMPLATE_FILE',
  'SUIRO_NOTIFICATION_MAIL_CC',
  'SUIRO_NOTIFICATION_MAIL_FROM',
  'SUIRO_NOTIFICATION_MAIL_HTML',
  'SUIRO_NOTIFICATION_MAIL_SUBJECT',
  'SUIRO_NOTIFICATION_MAIL_TO',
  ...server('SUIRO_NOTIFICATION_MAIL'),
  'SUIRO_NOTIFICATION_MAX_RETRY_WAIT',
  'SUIRO_NOTIFICATION_MIN_RETRY_WAIT',
  'SUIRO_NOTIFICATION_RETRIES',
  'SUIRO_NOTIFICATION_SHELL_COMMAND',
  'SUIRO_NOTIFICATION_SHELL_TIMEOUT',
  'SUIRO_NOTIFICATION_TYPE',
  'SUIRO_OPERATORS',
  'SUIRO_PORT',
  'SUIRO_POSTGRES_HOST',
  'SUIRO_POSTGRES_PORT',
  'SUIRO_RETENTION',
  'SUIRO_SECRET_KEY',
  'SUIRO_SECRET_KEY_FILE',
  'SUIRO_STORAGE_HOST',
  'SUIRO_STORAGE_PORT',
  'SUIRO_TASK_QUEUES',
  'SUIRO_TASK_USER',
  'SUIRO_TEMPORAL_HOST',
  'SUIRO_TEMPORAL_PORT',
  'SUIRO_TEMPORAL_UI',
  'SUIRO_TEMPORAL_UI_PORT',
  'SUIRO_URL',
  'SUIRO_TOOLS',
  'SUIRO_UNSUPPORTED_OPERATORS',
  'SUIRO_WORKER_HOST',
  'SUIRO_WORKER_PORT',
  'SUIRO_WORKFLOW_BUNDLE',
]

/** What our own processes and tests say to each other. */
const internal = /^SUIRO_(?:PART_OF|SETTINGS|HANDED|STATEMENTS|REPORTS|CHAOS_\w+)$/

/** Of those in an environment that look like settings of ours and are none, each with the one that may be meant. */
export function unknownSettings(
  names: readonly string[],
): readonly { readonly name: string; readonly meant?: string }[] {
  return names
    .filter(
      (name) => name.startsWith('SUIRO_') && !internal.test(name) && !settingNames.includes(name),
    )
    .map((name) => {
      const meant = meantBy(name)
      return meant === undefined ? { name } : { name, meant }
    })
}

/** One that has a word more or less (`SUIRO_API_PORT`), or a slip of the finger. */
function meantBy(name: string): string | undefined {
  return settingNames.find((known) => oneWordApart(name, known)) ?? nearest(name, settingNames, 3)
}

function oneWordApart(a: string, b: string): boolean {
  const [longer, shorter] = [a.split('_'), b.split('_')].toSorted((x, y) => y.length - x.length)
  if (longer?.length !== (shorter?.length ?? 0) + 1) return false
  return longer.some((_, place) => longer.toSpliced(place, 1).join('_') === shorter?.join('_'))
}
