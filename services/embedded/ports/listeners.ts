import { readdir, readFile, readlink } from 'node:fs/promises'

/** Where a process listens, as the kernel says. */
export interface Listener {
  readonly pid: number
  /** `127.0.0.1`; `0.0.0.0` and `::` are all addresses. */
  readonly address: string
  readonly port: number
}

/** Every TCP socket on which a process or one of its descendants listens; Linux only. */
export async function listenersOf(root: number): Promise<readonly Listener[]> {
  const [pids, sockets] = await Promise.all([descendants(root), listening()])
  return listenersAmong(pids, sockets)
}

/** Who listens on these ports, of the processes that may be looked into; Linux only. */
export async function listenersOn(ports: ReadonlySet<number>): Promise<readonly Listener[]> {
  const wanted = [...(await listening())].filter(([, { port }]) => ports.has(port))
  return wanted.length === 0 ? [] : listenersAmong(await allProcesses(), new Map(wanted))
}

type Sockets = ReadonlyMap<string, Omit<Listener, 'pid'>>

async function listenersAmong(
  pids: readonly number[],
  sockets: Sockets,
): Promise<readonly Listener[]> {
  const found = await Promise.all(
    pids.map(async (pid) => {
      const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
      const links = await Promise.all(
        names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')),
      )
      return links.flatMap((link) => {
        const socket = sockets.get(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '')
        return socket === undefined ? [] : [{ pid, ...socket }]
      })
    }),
  )
  return found.flat()
}

const allProcesses = async (): Promise<readonly number[]> =>
  (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)

async function descendants(root: number): Promise<readonly number[]> {
  const pids = await allProcesses()
  const parents = new Map<number, number>()
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    parents.set(pid, Number(/^\d+ \(.*\) \S (\d+) /s.exec(stat)?.[1]))
  }
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)))
  return pids.filter(belongs)
}

/** Listening sockets by their inode. */
async function listening(): Promise<Sockets> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  const found = new Map<string, Omit<Listener, 'pid'>>()
  for (const row of tables.join('\n').split('\n')) {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state === '0A') found.set(inode, { address: readable(address), port: parseInt(port, 16) })
  }
  return found
}

/** The kernel writes words of four bytes, each in the order of the machine. */
function readable(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => parseInt(byte, 16)).toReversed(),
  )
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.every((byte) => byte === 0)) return '::'
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1'
  // An IPv4 address in IPv6.
  if (bytes[10] === 255 && bytes[11] === 255) return bytes.slice(12).join('.')
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
