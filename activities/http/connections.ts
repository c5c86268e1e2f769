import { Agent, EnvHttpProxyAgent, ProxyAgent, type Dispatcher } from 'undici'
import type { Route } from './route.ts'

/** Connections of one run of a task. */
export interface Connections {
  to(url: URL): Dispatcher
  close(): Promise<void>
}

/** `insecure`: no certificate is checked, neither a server's nor a proxy's. */
export function openConnections(route: Route, insecure: boolean): Connections {
  const tls = insecure ? { rejectUnauthorized: false } : {}
  // One limit on the whole exchange is above this; none of the client's own is to come before it.
  const agent = { connect: { ...tls, timeout: 0 }, headersTimeout: 0, bodyTimeout: 0 }
  const proxy = { ...agent, requestTls: tls, proxyTls: tls }
  const direct = new Agent(agent)
  const through =
    route.kind === 'proxy'
      ? new ProxyAgent({ ...proxy, uri: route.uri })
      : environmentAgent(route.proxies, proxy)
  return {
    to(url) {
      if (through === undefined) return direct
      // The client would take the proxy of http for https, where there is none for that.
      const none = route.kind === 'environment' && route.proxies[schemeOf(url)] === undefined
      return none ? direct : through
    },
    async close() {
      await Promise.all([direct.destroy(), through?.destroy()])
    },
  }
}

function environmentAgent(
  { http, https, except }: Extract<Route, { kind: 'environment' }>['proxies'],
  options: EnvHttpProxyAgent.Options,
): Dispatcher | undefined {
  if (http === undefined && https === undefined) return undefined
  return new EnvHttpProxyAgent({
    ...options,
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: except ?? '',
  })
}

const schemeOf = (url: URL): 'http' | 'https' => (url.protocol === 'https:' ? 'https' : 'http')
