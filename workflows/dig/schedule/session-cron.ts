import type { ScheduleDefinition } from '../definition.ts'
import { parseCron, type CronFields } from './cron.ts'

type CronType = Exclude<ScheduleDefinition['type'], 'seconds_interval'>

/** The cron pattern of a schedule's session times: Digdag's other types are patterns with a delay. */
export function cronTextOf(type: CronType, command: string): string {
  const comma = command.indexOf(',')
  const day = comma === -1 ? '' : command.slice(0, comma).trim()
  switch (type) {
    case 'hourly':
      return '0 * * * *'
    case 'daily':
      return '0 0 * * *'
    case 'weekly':
      return `0 0 * * ${day}`
    case 'monthly':
      return `0 0 ${day} * *`
    case 'minutes_interval':
      return `*/${command} * * * *`
    case 'cron':
      return command
  }
}

/** The session times of a schedule that was checked at push, as patterns of which any may match. */
export function sessionCron(type: CronType, command: string): readonly CronFields[] {
  const parsed = parseCron(cronTextOf(type, command))
  if (typeof parsed === 'string')
    throw new Error(`The schedule ${command} is no pattern: ${parsed}`)
  return parsed
}
