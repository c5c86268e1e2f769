import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { configError } from '../../failure.ts'
import { checkFileName, checkOutput } from '../file-name.ts'
import { firstInside } from '../first-inside.ts'
import { exchange } from '../folder/exchange.ts'
import { runCommand } from '../local/process.ts'
import type { Command, CommandExecutor, Found, Place, PlaceRequest } from '../place.ts'
import { tooLarge } from '../refused.ts'

/** A job while it runs. */
interface Job {
  readonly retries: number
  readonly end: Promise<Ended>
  delete(): void
}

interface Ended {
  readonly code: number
  readonly outputs: ReadonlyMap<string, Found>
}

/** The most that a job hands back of one file. */
const mostReturned = 2 ** 20

/**
 * Plays the Jobs of a cluster as far as an operator can tell: a job fetches the project by itself, gets the files
 * that were put when it begins, hands its outputs back when it ends, and nothing of it is on a disk before or after.
 */
export function createPodExecutor(): CommandExecutor {
  const jobs = new Map<string, Job>()
  const begin = (request: PlaceRequest, pod: Pod, put: Files, command: Command): Job => {
    const deleted = new AbortController()
    const signal = AbortSignal.any([request.signal, deleted.signal])
    const end = runPod({ ...request, signal }, pod, put, command)
    const job = { retries: request.task.retries, end, delete: () => deleted.abort() }
    jobs.set(request.name, job)
    const forget = (): void => {
      if (jobs.get(request.name) === job) jobs.delete(request.name)
    }
    end.then(forget, forget)
    return job
  }

  return {
    async rejoin({ name, task, outputs, signal }) {
      const job = jobs.get(name)
      if (job === undefined) return 'gone'
      if (job.retries !== task.retries) {
        job.delete()
        await job.end.catch(() => undefined)
        return 'gone'
      }
      return {
        async wait() {
          signal.addEventListener('abort', () => job.delete(), { once: true })
          const code = await job.end.then(
            (ended) => ended.code,
            () => 'gone' as const,
          )
          signal.throwIfAborted()
          return code
        },
        read: async (file, mostBytes) => returned(outputs, await job.end, file, mostBytes),
        close: () => Promise.resolve(),
      }
    },

    async open(request): Promise<Place> {
      for (const name of request.outputs) checkFileName(name)
      const workdir = await workdirOf(request)
      const pod = path.join(await emptyPlace(), 'pod')
      const cwd = path.join(pod, 'project', workdir)
      const put = new Map<string, string | Buffer>()
      let job: Job | undefined
      return {
        cwd,
        async put(name, content) {
          checkFileName(name)
          put.set(name, content)
          return path.join(pod, 'files', name)
        },
        output(name) {
          checkOutput(request.outputs, name)
          return path.join(pod, 'files', name)
        },
        firstOf: (programs) => Promise.resolve(firstInside(programs)),
        async run(command) {
          request.signal.throwIfAborted()
          job = begin(request, { pod, cwd }, put, command)
          return (await job.end).code
        },
        read: async (name, mostBytes) =>
          returned(request.outputs, await job?.end.catch(() => undefined), name, mostBytes),
        close: async () => rm(path.dirname(pod), { recursive: true, force: true }),
      }
    },
  }
}

/** Paths in it. */
interface Pod {
  readonly pod: string
  readonly cwd: string
}

type Files = ReadonlyMap<string, string | Buffer>

const emptyPlace = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'suiro-cluster-'))

/** Checked before anything runs, against the names of the project's files. */
async function workdirOf({ project, workdir }: PlaceRequest): Promise<string> {
  const inside = path.posix.normalize(workdir)
  if (path.isAbsolute(inside) || inside === '..' || inside.startsWith('../')) {
    throw configError(`_workdir '${workdir}' is outside of the project`)
  }
  const files = [...(await project.texts()).keys()]
  if (inside !== '.' && !files.some((file) => file.startsWith(`${inside}/`))) {
    throw configError(`_workdir '${workdir}' is not a folder of the project`)
  }
  return inside
}

async function runPod(
  { project, outputs, print, signal }: PlaceRequest,
  { pod, cwd }: Pod,
  put: Files,
  { command, env }: Command,
): Promise<Ended> {
  const files = path.join(pod, 'files')
  await mkdir(files, { recursive: true })
  await mkdir(path.join(pod, 'project'), { recursive: true })
  try {
    const texts = await project.texts()
    for (const file of texts.keys()) {
      const place = path.join(pod, 'project', file)
      await mkdir(path.dirname(place), { recursive: true })
      await writeFile(place, texts.get(file) ?? '')
    }
    for (const [name, content] of put)
      await writeFile(path.join(files, name), content, { mode: 0o600 })
    const code = await runCommand({ command, env, cwd, onOutput: print, signal })
    const { read } = exchange(files, { outputs })
    const found = await Promise.all(
      outputs.map(async (name) => [name, await read(name, mostReturned)] as const),
    )
    return { code, outputs: new Map(found) }
  } finally {
    await rm(pod, { recursive: true, force: true })
  }
}

function returned(
  outputs: readonly string[],
  ended: Ended | undefined,
  name: string,
  mostBytes: number,
): Found {
  checkOutput(outputs, name)
  const found = ended?.outputs.get(name) ?? { kind: 'nothing' }
  const isTooLarge = found.kind === 'file' && Buffer.byteLength(found.text) > mostBytes
  return isTooLarge ? tooLarge(mostBytes) : found
}
