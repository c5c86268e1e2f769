import type { JsonObject } from '#workflows/domain/json.ts'
import type { Print } from '../log/task-log.ts'
import type { Environment } from './environment.ts'

/** A command of a task, wherever it runs. */
export interface TaskCommand {
  readonly command: readonly string[]
  /** The project's folder, which the command sees at this very path. */
  readonly root: string
  /** In `root`. */
  readonly cwd: string
  /** The task's own variables, without those that any program on the worker has. */
  readonly env: Environment
  /** The task's `docker` parameter: what to run the command in. */
  readonly container: JsonObject | undefined
  /** One task of one session: the same again after a lost worker. */
  readonly name: string
  readonly onOutput: Print
  readonly signal: AbortSignal
  /** What to do when the program is not there. */
  readonly advice?: string
}

/**
 * Where commands run: as processes of the worker, in containers of a Docker engine, later as Jobs of a
 * cluster. Aborted, it ends all that the command started and throws the abort's reason.
 */
export interface CommandExecutor {
  /** Answers the exit code; 128 + n after a signal n. */
  run(command: TaskCommand): Promise<number>
  /** The first of these programs that is there; undefined when none is, or nobody can say beforehand. */
  find(
    programs: readonly string[],
    command: Pick<TaskCommand, 'env' | 'container'>,
  ): Promise<string | undefined>
}
