import pg from 'pg'
import { growingWait, type Growth } from '#workflows/domain/growing-wait.ts'

export interface Listening {
  stop(): Promise<void>
}

const reconnecting: Growth = { first: 500, most: 20_000 }

/**
 * Hears what is notified on a channel, on a connection of its own that is made again when it breaks. What is notified
 * meanwhile, or behind a pooler in transaction mode, is not heard: nobody may rely on it.
 */
export function listen(url: string, channel: string, heard: (payload: string) => void): Listening {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let failures = 0

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    })
    client = next
    next.on('notification', ({ payload }) => heard(payload ?? ''))
    const again = once(() => {
      void next.end().catch(() => undefined)
      if (stopped) return
      timer = setTimeout(() => void connect(), growingWait(reconnecting, failures)).unref()
      failures += 1
    })
    next.on('error', again)
    next.on('end', again)
    try {
      await next.connect()
      await next.query(`listen ${next.escapeIdentifier(channel)}`)
      failures = 0
    } catch {
      again()
    }
  }
  void connect()

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end().catch(() => undefined)
    },
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    act()
  }
}
