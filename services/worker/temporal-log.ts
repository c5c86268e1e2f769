import type { ActivityInterceptorsFactory, Logger as TemporalLogger } from '@temporalio/worker'
import type { Logger } from '#services/shared/log.ts'

type Meta = Parameters<TemporalLogger['info']>[1]

/** What Temporal's SDK says, in the worker's own log and in its words. */
export function temporalLog(log: Logger): TemporalLogger {
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, meta?: Meta): void =>
      log[level](fieldsOf(meta ?? {}), message)
  const levels = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
  return {
    ...levels,
    log: (level, message, meta) => {
      levels[level.toLowerCase() as keyof typeof levels](message, meta)
    },
  }
}

/** Temporal counts the calls of an activity as attempts: here an attempt is one try at a session. */
function fieldsOf(meta: NonNullable<Meta>): object {
  const { attempt: call, error, taskToken: _, ...fields } = meta
  const { workflowId } = fields as { readonly workflowId?: unknown }
  const id =
    typeof workflowId === 'string' ? /(?:^|\/)attempt-(\d+)/.exec(workflowId)?.[1] : undefined
  return {
    ...fields,
    ...(id === undefined ? {} : { attempt: Number(id) }),
    ...(call === undefined ? {} : { call }),
    ...(error === undefined ? {} : { err: error as unknown }),
  }
}

/** Says of what an activity logs which task it runs. */
export const logTask: ActivityInterceptorsFactory = () => {
  let task: unknown
  return {
    inbound: {
      execute(input, next) {
        task = (input.args[0] as { readonly taskId?: unknown } | undefined)?.taskId
        return next(input)
      },
    },
    outbound: {
      getLogAttributes: (input, next) => next(task === undefined ? input : { ...input, task }),
    },
  }
}
