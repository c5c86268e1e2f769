import { Type, type Static } from 'typebox'
import type { LogFile as LogFileRow } from '#store/types.ts'
import { instant } from '../time.ts'
import { Instant, Nullable } from './common.ts'

export const LogFile = Type.Object(
  {
    fileName: Type.String({ examples: ['+main+first@6b057a24108f2851.7517@vm.log.gz'] }),
    fileSize: Type.Integer({ description: 'Bytes of text; grows while the task runs' }),
    taskName: Type.String(),
    fileTime: Instant,
    agentId: Type.String({ description: 'Which worker wrote it' }),
    direct: Nullable(Type.Object({ type: Type.String(), url: Type.String() })),
  },
  { title: 'LogFile' },
)

const hex8 = (number: number): string => number.toString(16).padStart(8, '0')

/**
 * Digdag's form: task, `@`, seconds and nanoseconds in hex, agent. Our times end at milliseconds, so
 * the file's id stands in the digits below and makes the name unique.
 */
export function logFileName(file: Pick<LogFileRow, 'id' | 'fullName' | 'agent' | 'createdAt'>) {
  const millis = file.createdAt.getTime()
  const nanos = (millis % 1000) * 1_000_000 + (file.id % 1_000_000)
  return `${file.fullName}@${hex8(Math.floor(millis / 1000))}${hex8(nanos)}.${file.agent}.log.gz`
}

/** The start of a task's full name that a file's name tells: the whole of it, for names as ours are. */
export const taskOfLogFile = (fileName: string): string =>
  /^(.*?)@[0-9a-f]{16}\./.exec(fileName)?.[1] ?? ''

export const presentLogFile = (
  file: LogFileRow & { readonly size: number },
): Static<typeof LogFile> => ({
  fileName: logFileName(file),
  fileSize: file.size,
  taskName: file.fullName,
  fileTime: instant(file.createdAt),
  agentId: file.agent,
  direct: null,
})
