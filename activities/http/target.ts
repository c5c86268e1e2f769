import { configError } from '../failure.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import { holdsSecrets } from './secret-text.ts'

/** Where a request goes, and what may be shown of it. */
export interface Target {
  readonly url: URL
  /** For logs and messages: without user and password, and without all when it holds a secret. */
  readonly shown: string
  readonly secret: boolean
}

export interface Written {
  readonly uri: string
  /** The URI is a secret as a whole, in which nothing is replaced. */
  readonly uriIsSecret: boolean
  /** What is added behind the `?`. */
  readonly query: string
  readonly queryIsSecret: boolean
}

/** Puts URI and query together. */
export async function readTarget(written: Written, secrets: TaskSecrets): Promise<Target> {
  const { uri, uriIsSecret, query, queryIsSecret } = written
  const secret = uriIsSecret || queryIsSecret || holdsSecrets(uri)
  const expanded = (uriIsSecret ? uri : await secrets.expand(uri)).trim()
  const named = secret ? 'the URI with its secrets' : `'${expanded}'`
  if (!URL.canParse(expanded)) {
    throw configError(
      `Invalid URI: ${named} is none. Write it whole, for example https://example.com/path`,
    )
  }
  const url = new URL(expanded)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw configError(`Invalid URI: ${named} is neither http:// nor https://`)
  }
  // Not by its searchParams, which would write anew, and differently, what is in the URI already.
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
  return { url, shown: secret ? `${url.protocol}//***` : shownOf(url), secret }
}

function shownOf(url: URL): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return shown.href
}
