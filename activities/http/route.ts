import { createConfig, type Config } from '../task/config.ts'
import type { WebKey } from './key.ts'
import { configError } from '../failure.ts'
import type { EnvironmentProxies, HttpSettings } from './settings.ts'

/** How a request finds its server. */
export type Route =
  | { readonly kind: 'proxy'; readonly uri: string }
  | { readonly kind: 'environment'; readonly proxies: EnvironmentProxies }

/** The task's own proxy where it may have one, else the worker's, else what the environment says. */
export function readRoute(config: Config<WebKey>, settings: HttpSettings): Route {
  const own = config.optionalObject('proxy')
  const proxy = createConfig(own ?? {}, new Set())
  if (settings.allowUserProxy && proxy.boolean('enabled', false)) {
    const port = proxy.integer('port')
    if (port < 1 || port > 65_535) throw configError(`The proxy's port must be 1 to 65535: ${port}`)
    const scheme = proxy.boolean('tls', false) ? 'https' : 'http'
    return { kind: 'proxy', uri: uriOf(scheme, proxy.string('host'), port) }
  }
  if (settings.proxy !== undefined) return { kind: 'proxy', uri: settings.proxy }
  return { kind: 'environment', proxies: settings.environment }
}

function uriOf(scheme: string, host: string, port: number): string {
  const uri = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  if (URL.canParse(uri) && new URL(uri).pathname === '/') return uri
  throw configError(`The proxy's host is no name of a host: ${host}`)
}
