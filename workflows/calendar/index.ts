/** Session times and time zones: pure, but with time zone data, so never in Temporal's sandbox. */
export { decideDue, passedUntil, undecided, type Due, type DueSession } from './due.ts'
export {
  countSessions,
  firstSchedule,
  lastSessionTime,
  nextSchedule,
  nextSessionTime,
  sessionTimeOfRun,
  type ScheduledTime,
} from './schedule-times.ts'
export { scheduleParams } from './schedule-params.ts'
export { formatSessionTime, sessionVariables } from './session-variables.ts'
export { slaTime } from './sla-time.ts'
export { fireDelaySeconds, ScheduleNotPossibleError, temporalSpec } from './temporal-spec.ts'
export { isTimezone } from './zone.ts'
