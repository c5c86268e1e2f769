import { isCollection, isObject, textOf } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import type { Config } from '../task/config.ts'
import type { WebKey } from './key.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import { holdsSecrets } from './secret-text.ts'

export interface Header {
  readonly name: string
  readonly value: string
  /** Not for another server than the one the task names. */
  readonly secret: boolean
}

/** `headers: [{Name: value}, …]`, in which secrets may be. */
export async function readHeaders(config: Config<WebKey>, secrets: TaskSecrets): Promise<Header[]> {
  const headers: Header[] = []
  for (const entry of config.list('headers')) {
    const [[name, value] = ['', null], ...others] = isObject(entry) ? Object.entries(entry) : []
    if (name === '' || others.length > 0 || value === null || isCollection(value)) {
      throw configError(
        `Invalid header: ${JSON.stringify(entry)}. Each entry of headers is one name with its value, for example "- Accept: application/json"`,
      )
    }
    headers.push({
      name: await secrets.expand(name),
      value: await secrets.expand(textOf(value)),
      secret: holdsSecrets(textOf(value)),
    })
  }
  return headers
}

/** What is sent beside a task's own headers, which win. */
export async function withOwnHeaders(
  headers: readonly Header[],
  secrets: TaskSecrets,
  { userAgent, url }: { readonly userAgent: string; readonly url: URL },
): Promise<readonly Header[]> {
  const has = (name: string): boolean =>
    headers.some((header) => header.name.toLowerCase() === name)
  const added: Header[] = []
  if (!has('user-agent')) added.push({ name: 'user-agent', value: userAgent, secret: false })
  if (!has('accept-encoding')) added.push({ name: 'accept-encoding', value: 'gzip', secret: false })
  const value = has('authorization') ? undefined : await authorization(secrets, url)
  if (value !== undefined) added.push({ name: 'authorization', value, secret: true })
  return [...headers, ...added]
}

async function authorization(secrets: TaskSecrets, url: URL): Promise<string | undefined> {
  const whole = await secrets.get('http.authorization')
  if (whole !== undefined) return whole
  const user = await secrets.get('http.user')
  if (user !== undefined) return basic(user, (await secrets.get('http.password')) ?? '')
  if (url.username === '') return undefined
  return basic(decoded(url.username), decoded(url.password))
}

/** Digdag refuses such an address too; its words would repeat the secret. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw configError(
      'Invalid URI: its user or password has a "%" that begins no escape of UTF-8. Write %25 for a "%", or keep them in the secrets http.user and http.password',
    )
  }
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
