import { OperatorError } from '../../failure.ts'
import type { Print } from '../../log/task-log.ts'
import { inherited, inheritedEnvironment, type Environment } from '../environment.ts'
import { runCommand } from '../local/process.ts'

/** Variables that lead the command line program to its engine. */
const ofDocker = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'XDG_RUNTIME_DIR',
]

/** What the command line program itself gets of the worker's environment. */
export const dockerEnvironment = (): Environment => inheritedEnvironment(process.env, ofDocker)

/** Whether a variable would change what `docker` itself does. */
export const isReadByDocker = (name: string): boolean =>
  inherited.includes(name) || /^(DOCKER_|BUILDKIT_|XDG_|LD_|(HTTPS?|NO)_PROXY$)/i.test(name)

export interface DockerCall {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Environment
  readonly onOutput: Print
  readonly signal: AbortSignal
}

/** Runs `docker …` and answers its exit code. */
export const docker = ({ program, args, env, ...rest }: DockerCall): Promise<number> =>
  runCommand({
    ...rest,
    command: [program, ...args],
    env: { ...env, ...dockerEnvironment() },
    advice: 'Install it on the worker, or set SUIRO_CONTAINERS=ignore to run without containers',
  })

/** What a call came to. */
export interface Answer {
  readonly code: number
  /** What it printed, without the space around it. */
  readonly output: string
}

/** A call that is made in passing. */
export async function ask(call: Omit<DockerCall, 'onOutput' | 'signal'>): Promise<Answer> {
  let output = ''
  const code = await docker({
    ...call,
    onOutput: (text) => {
      output += text
    },
    signal: AbortSignal.timeout(60_000),
  })
  return { code, output: output.trim() }
}

/** Throws unless an engine gave this answer. */
export function requireEngine({ code, output }: Answer): void {
  if (code === 0) return
  throw new OperatorError(
    `No Docker engine answers on this worker: ${output.replace(/[.?!]+$/, '')}. Start one (DOCKER_HOST says where it is looked for), or set SUIRO_CONTAINERS=ignore to run commands without containers`,
  )
}
