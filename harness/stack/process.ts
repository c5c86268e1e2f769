import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A service as a process of its own, which a test may crash, stop and start again. */
export interface Process {
  /** Of the one that runs; undefined when it has ended. */
  readonly pid: number | undefined
  /** The end of what it has printed since it was started, of its log and else. */
  printed(): string
  start(): Promise<void>
  /** SIGKILL: no chance to tidy up. */
  crash(): Promise<void>
  /** SIGTERM, and waits. */
  stop(): Promise<void>
}

/** In milliseconds: a machine that runs other tests may be slow, and a worker may have a bundle to make. */
const readyWithin = 110_000

const root = fileURLToPath(new URL('../../', import.meta.url))

export function createProcess(file: string, env: NodeJS.ProcessEnv, readyUrl: string): Process {
  let child: ChildProcess | undefined
  let output = ''
  const exited = (): Promise<unknown> =>
    child === undefined || child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child?.once('exit', resolve))

  return {
    get pid() {
      return child?.exitCode === null && child.signalCode === null ? child.pid : undefined
    },
    printed: () => output,
    async start() {
      const started = spawn(process.execPath, [file], { cwd: root, env })
      child = started
      output = ''
      const keep = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-1_000_000)
      }
      started.stdout.on('data', keep)
      started.stderr.on('data', keep)
      const deadline = Date.now() + readyWithin
      while (!(await answers(readyUrl))) {
        if (started.exitCode !== null)
          throw new Error(`${file} ended at once:\n${output.slice(-10_000)}`)
        if (Date.now() > deadline)
          throw new Error(
            `${file} is not ready after ${readyWithin / 1000} s:\n${output.slice(-10_000)}`,
          )
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    async crash() {
      child?.kill('SIGKILL')
      await exited()
    },
    async stop() {
      child?.kill('SIGTERM')
      await exited()
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
