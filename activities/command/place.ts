import type { JsonObject } from '#workflows/domain/json.ts'
import type { Print } from '../log/task-log.ts'
import type { OperatorContext } from '../task/operator.ts'
import type { Environment } from './environment.ts'

// P1. A command of a task runs once at a time: whoever opens a place has asked `rejoin` before, and `rejoin` answers
//     'gone' only when nothing of that task runs any more.
// P2. An aborted run has ended all that its command started before it throws the abort's reason. Only places that
//     outlive every worker may leave it running when the task just moves to another one, for `rejoin` there.
// P3. Nobody but the implementation knows where the files are. Paths for the command come from `cwd`, `put` and
//     `output`, and mean something inside the place only.

/** What a place is opened for: a command of one task. It names no folder of any machine. */
export interface PlaceRequest {
  /** The same for all tries of a task, also after a lost worker: two places of one name are never there at once. */
  readonly name: string
  /** The operator's name, without its `>`. */
  readonly operator: string
  /** Says by ids which revision of which project it is, and which try of which task. */
  readonly task: OperatorContext['task']
  /** The project's files, unpacked or not. */
  readonly project: OperatorContext['project']
  /** The folder of the project in which the command runs, relative to its root. */
  readonly workdir: string
  /** The task's `docker` parameter: what to run the command in. */
  readonly container: JsonObject | undefined
  /** Names of the files that the command may leave, and only these can be read after it. */
  readonly outputs: readonly string[]
  /** Whole lines as they come, stdout and stderr together; the last one may lack its end. */
  readonly print: Print
  readonly signal: AbortSignal
}

export interface Command {
  /** A program and its arguments. */
  readonly command: readonly string[]
  /** The task's own variables, without those that any program on the worker has. */
  readonly env: Environment
  /** More variables that a command on the worker itself takes over from it; a container has its own. */
  readonly inherit?: readonly string[]
  /** What to do when the program is not there. */
  readonly advice?: string
}

/** What a command left under a name. */
export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly text: string }
  /** Something is there that is not read; `why` goes on a sentence: "it is larger than 16 MB". */
  | { readonly kind: 'refused'; readonly why: string }

/** What can be done with a command's place once the command is under way. */
interface Results {
  /** What the command left in one of the request's outputs, of at most so many bytes. */
  read(name: string, mostBytes: number): Promise<Found>
  /** Takes away all that the place took. */
  close(): Promise<void>
}

/** Where one command of a task runs: the project's files, and a few files more for this run alone. */
export interface Place extends Results {
  /** The folder that the command runs in. */
  readonly cwd: string
  /** Puts a file there, readable by the command and nobody else, and answers its path. Before the run only. */
  put(name: string, content: string | Buffer): Promise<string>
  /** The path at which the command writes one of the request's outputs. */
  output(name: string): string
  /**
   * How a command begins that runs the first of these programs that is there; the last one, which then fails with a
   * sentence, where none is.
   */
  firstOf(programs: readonly string[], env: Environment): Promise<readonly string[]>
  /** Runs it and answers the exit code; 128 + n after a signal n. Once for each place. */
  run(command: Command): Promise<number>
}

/** A command that a lost worker began and that goes on, or has ended since. */
export interface Running extends Results {
  /** As `run` does, with its output from the beginning; 'gone' when somebody stopped it meanwhile. */
  wait(): Promise<number | 'gone'>
}

/** One kind of places: processes of the worker, containers of a Docker engine, Jobs of a cluster. */
export interface CommandExecutor {
  /** The command of this task and try that a lost worker began; ends what is left of another one. */
  rejoin(request: PlaceRequest): Promise<Running | 'gone'>
  open(request: PlaceRequest): Promise<Place>
}
