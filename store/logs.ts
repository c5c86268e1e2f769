import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { LogFile } from './types.ts'

export interface Logs {
  open(file: {
    readonly attemptId: AttemptId
    readonly taskId: TaskId
    readonly fullName: string
    readonly agent: string
  }): Promise<LogFile>
  /** Appends text (whole lines) as chunk `seq`; a chunk that is there stays. */
  append(fileId: number, seq: number, text: string): Promise<void>
  /** In order of task name, then age. `taskPrefix`: start of the full name. */
  files(attemptId: AttemptId, taskPrefix?: string): Promise<readonly (LogFile & { readonly size: number })[]>
  text(fileId: number): Promise<string>
}
