import { readRoute } from '../http/route.ts'
import type { Request } from '../http/request.ts'
import { send } from '../http/send.ts'
import type { HttpSettings } from '../http/settings.ts'
import { createConfig } from '../task/config.ts'
import { summaryOf, type Notification } from './notification.ts'
import type { HttpChannel } from './settings.ts'

/** Sends a notification to a webhook; throws when it did not take it. */
export async function sendByHttp(
  { url, method, headers, format }: HttpChannel,
  notification: Notification,
  settings: HttpSettings,
  signal: AbortSignal,
): Promise<string> {
  const target = new URL(url)
  // The path of a webhook is its password.
  const shown = `${target.origin}/***`
  const request: Request = {
    method,
    target: { url: target, shown, secret: true },
    headers: Object.entries({ 'User-Agent': settings.userAgent, ...headers }).map(
      ([name, value]) => ({ name, value, secret: true }),
    ),
    content: {
      text: JSON.stringify(format === 'slack' ? slackMessage(notification) : notification),
      type: 'application/json',
    },
    route: readRoute(createConfig({}, new Set()), settings),
    insecure: false,
    redirects: settings.maxRedirects,
    timeoutSeconds: 30,
    retry: false,
  }
  const sent = await send(request, 0, signal)
  if (!('answer' in sent)) throw sent.error
  return shown
}

function slackMessage(notification: Notification): { readonly text: string } {
  return { text: `*${escaped(notification.message)}*\n${escaped(summaryOf(notification))}` }
}

/** Slack reads these three as its own marks. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
