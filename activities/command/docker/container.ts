import { ask, type Answer } from './cli.ts'

/** A container of an engine, whether it is there or not. */
export interface Container {
  readonly name: string
  /** The command line program that reaches the engine. */
  readonly program: string
  /** Calls `docker …` in passing. */
  ask(...args: readonly string[]): Promise<Answer>
  /** Asks its processes to stop, and makes them five seconds later. */
  stop(): Promise<void>
  /** Takes it away, also while it runs. */
  remove(): Promise<void>
}

export function createContainer(name: string, program: string): Container {
  const call = (...args: readonly string[]): Promise<Answer> => ask({ program, args, cwd: '/' })
  return {
    name,
    program,
    ask: call,
    // What cannot be stopped or removed is found by the next one of that name, and said then.
    async stop() {
      await call('stop', '-t', graceSeconds, name).catch(() => undefined)
    },
    async remove() {
      await call('rm', '--force', name).catch(() => undefined)
    },
  }
}

/** Between asking a command to stop and making it stop. */
export const graceSeconds = '5'
