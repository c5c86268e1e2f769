import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from '#services/shared/loopback.ts'
import { HostUnknown, OriginForeign } from '../errors.ts'

/** Host names without ports, in small letters. */
export type KnownHosts = ReadonlySet<string>

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Keeps web pages of others from acting here in the name of whoever looks at them. A page whose name is
 * made to lead to this machine (DNS rebinding) is known by the Host that its browser sends; one that
 * sends requests to another address than its own, by Origin and Sec-Fetch-Site. Other clients send
 * neither.
 */
export function guardCallers(app: FastifyInstance, known: KnownHosts | undefined): void {
  app.addHook('onRequest', async (request) => {
    const { host = '', origin } = request.headers
    const name = hostName(`http://${host}`)
    if (known !== undefined && (name === undefined || !known.has(name))) {
      throw new HostUnknown(host.slice(0, 255))
    }
    if (readOnly.has(request.method)) return
    if (isForeign(request, known)) throw new OriginForeign((origin ?? 'another site').slice(0, 255))
  })
}

function isForeign({ headers }: FastifyRequest, known: KnownHosts | undefined): boolean {
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return true
  const { origin, host = '' } = headers
  if (origin === undefined) return false
  if (!URL.canParse(origin)) return true
  const { host: from, hostname, protocol } = new URL(origin)
  // A proxy may speak TLS and pass the request on without.
  const own = URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === from
  return !own && !(known?.has(hostname) === true && !isLoopback(hostname))
}

/** The name in an address, as the URL standard writes it. */
function hostName(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { hostname, pathname, username, search, hash } = new URL(address)
  return pathname === '/' && username + search + hash === '' ? hostname : undefined
}

/**
 * The names that are answered. On loopback only this machine calls, by few names; elsewhere the network
 * gives the API names that it cannot know, so every name is answered unless some are set.
 */
export function knownHosts(listensOn: string, allowed: readonly string[]): KnownHosts | undefined {
  if (!isLoopback(listensOn) && allowed.length === 0) return undefined
  const own = listensOn.includes(':') && !listensOn.startsWith('[') ? `[${listensOn}]` : listensOn
  return new Set(['localhost', '127.0.0.1', '[::1]', own, ...allowed].map((n) => n.toLowerCase()))
}
