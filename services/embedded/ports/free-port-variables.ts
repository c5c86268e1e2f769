import { anyFreePort } from '#services/shared/free-port.ts'
import { portVariables } from '../settings.ts'

/** The variables of all ports, each with a free one of its own; the API's on `host`. */
export async function freePortVariables(host = '127.0.0.1'): Promise<Record<string, string>> {
  const ports = new Set<number>()
  const variables: Record<string, string> = {}
  for (const [part, [variable]] of Object.entries(portVariables)) {
    let port: number
    do port = await anyFreePort(part === 'api' ? host : '127.0.0.1')
    while (ports.has(port))
    ports.add(port)
    variables[variable] = String(port)
  }
  return variables
}
