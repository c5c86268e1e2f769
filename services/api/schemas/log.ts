import { Type, type Static } from 'typebox'
import type { LogFile as LogFileRow } from '#store/types.ts'
import { Nullable } from './common.ts'

export const LogFile = Type.Object(
  {
    fileName: Type.String({ examples: ['+main+first@6b057a24108f2851.7517@vm.log.gz'] }),
    fileSize: Type.Integer({ description: 'Bytes of text; grows while the task runs' }),
    taskName: Type.String(),
    fileTime: Type.String({
      format: 'date-time',
      description:
        'Of its first line; its digits are those of the name, so that no two files share one',
      examples: ['2026-11-24T11:51:00.277000012Z'],
    }),
    agentId: Type.String({ description: 'Which worker wrote it' }),
    direct: Nullable(Type.Object({ type: Type.String(), url: Type.String() })),
  },
  { title: 'LogFile' },
)

const hex8 = (number: number): string => number.toString(16).padStart(8, '0')

/** Our times end at milliseconds: the file's id is in the digits below, so that files of one are in order too. */
function timeOf({ id, createdAt }: Pick<LogFileRow, 'id' | 'createdAt'>) {
  const millis = createdAt.getTime()
  return {
    seconds: Math.floor(millis / 1000),
    nanos: (millis % 1000) * 1_000_000 + (id % 1_000_000),
  }
}

/** Digdag's form: task, `@`, seconds and nanoseconds in hex, agent. */
export function logFileName(file: Pick<LogFileRow, 'id' | 'fullName' | 'agent' | 'createdAt'>) {
  const { seconds, nanos } = timeOf(file)
  return `${file.fullName}@${hex8(seconds)}${hex8(nanos)}.${file.agent}.log.gz`
}

/** With fractions of a second, unlike Digdag's: its client shows tasks in this order. */
function logFileTime(file: Pick<LogFileRow, 'id' | 'createdAt'>): string {
  const { seconds, nanos } = timeOf(file)
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return `${whole}.${String(nanos).padStart(9, '0')}Z`
}

/** The start of a task's full name that a file's name gives: the whole of it, for names as ours are. */
export const taskOfLogFile = (fileName: string): string =>
  /^(.*?)@[0-9a-f]{16}\./.exec(fileName)?.[1] ?? ''

export const presentLogFile = (
  file: LogFileRow & { readonly size: number },
): Static<typeof LogFile> => ({
  fileName: logFileName(file),
  fileSize: file.size,
  taskName: file.fullName,
  fileTime: logFileTime(file),
  agentId: file.agent,
  direct: null,
})
