import type { ScheduleDefinition } from '../definition.ts'
import { everMatches, parseCron } from './cron.ts'
import { cronTextOf } from './session-cron.ts'
import { formats } from './types.ts'

type Report = (message: string, advice: string) => void

/** Checks what is after the type; reports what is refused, and what surprises. */
export function checkCommand(
  type: ScheduleDefinition['type'],
  command: string,
  refuse: Report,
  warn: Report,
): void {
  const [pattern, format, example] = formats[type]
  // Digdag writes the colon as well, but for this type.
  const scheduler = `${type}>${type === 'daily' ? '' : ':'} scheduler`
  const advice = `Write for example "${type}>: ${example}".`
  if (!pattern.test(command)) {
    refuse(`${scheduler} requires ${format} format: ${command}`, advice)
    return
  }
  if (type.endsWith('_interval') && Number(command) < 1) {
    refuse(`${scheduler} requires at least 1: ${command}`, advice)
    return
  }
  if (type === 'seconds_interval') return
  const parsed = parseCron(cronTextOf(type, command))
  if (typeof parsed === 'string') {
    refuse(
      `${scheduler} does not understand ${command}: ${parsed}`,
      type === 'cron'
        ? 'Write five fields such as "42 4 1 * *": minute, hour, day of month, month, day of week; numbers, ranges (1-5), lists (1,3), steps (*/10), L for the last day of a month, names (mon, jan).'
        : advice,
    )
  } else if (!parsed.some(everMatches)) {
    refuse(`${type}> ${command} never comes: no month has such a day`, advice)
  } else if (type === 'minutes_interval' && 60 % Number(command) !== 0) {
    warn(
      `minutes_interval>: ${command} begins anew every hour`,
      Number(command) > 60
        ? 'It runs once an hour, at minute 0. Write "hourly>: 00:00", or "cron>:" for fewer runs.'
        : `The last step of each hour is shorter. Take a number that divides 60, or seconds_interval>: ${Number(command) * 60}.`,
    )
  } else if (type === 'cron') surprises(command, warn)
}

/** What cron4j, and with it Digdag, reads otherwise than cron on a Unix system. */
function surprises(command: string, warn: Report): void {
  for (const alternative of command.split('|')) {
    const [, , day = '*', , weekday = '*'] = alternative.trim().split(/\s+/)
    if (day !== '*' && weekday !== '*') {
      warn(
        `In "${alternative.trim()}" day of month and day of week must both match`,
        'Two patterns joined by "|" mean either of them.',
      )
    }
    if (/(?:^|,)0-7(?:$|[,/])/.test(weekday)) {
      warn('The days of week 0-7 are Sunday alone', 'Write "*" for every day.')
    }
    const single = /(?:^|[\s,])(\d+)\/\d+(?=$|[\s,])/.exec(alternative)
    if (single !== null) {
      warn(
        `"${single[0].trim()}" means ${single[1]} alone: a step needs a range`,
        `Write for example "${single[1]}-59/10" or "*/10".`,
      )
    }
  }
}
