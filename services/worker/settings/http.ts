import { defaultHttpSettings, type HttpSettings } from '#activities/http/settings.ts'
import type { EnvReader } from '#services/shared/settings/env.ts'

/** Settings of `http>` and `http_call>`, and of what notifications send to webhooks. */
export function readHttpSettings(env: EnvReader): HttpSettings {
  const proxy = env.uri('SUIRO_HTTP_PROXY')
  const { maxRedirects, mostContent, userAgent } = defaultHttpSettings
  const http = environmentProxy(env, 'http_proxy')
  const https = environmentProxy(env, 'https_proxy')
  const except = eitherCase(env, 'no_proxy')?.text
  return {
    allowUserProxy: env.flag('SUIRO_HTTP_ALLOW_USER_PROXY', true),
    ...(proxy === undefined ? {} : { proxy }),
    environment: {
      ...(http === undefined ? {} : { http }),
      ...(https === undefined ? {} : { https }),
      ...(except === undefined ? {} : { except }),
    },
    maxRedirects: env.whole('SUIRO_HTTP_MAX_REDIRECTS', maxRedirects, 100),
    mostContent: env.whole('SUIRO_HTTP_MAX_CONTENT', mostContent, 16 * 2 ** 20),
    userAgent: env.value('SUIRO_HTTP_USER_AGENT') ?? userAgent,
  }
}

function eitherCase(
  env: EnvReader,
  name: string,
): { readonly name: string; readonly text: string } | undefined {
  for (const written of [name, name.toUpperCase()]) {
    const text = env.value(written)
    if (text !== undefined) return { name: written, text }
  }
  return undefined
}

/** Many write `proxy:3128` there. */
function environmentProxy(env: EnvReader, name: string): string | undefined {
  const found = eitherCase(env, name)
  if (found === undefined) return undefined
  const uri = found.text.includes('://') ? found.text : `http://${found.text}`
  if (/^https?:/i.test(uri) && URL.canParse(uri)) return uri
  env.mistakes.push(`${found.name} must be the address of a proxy, such as http://proxy:3128`)
  return undefined
}
