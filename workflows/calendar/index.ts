/** Session times and time zones: pure, but with time zone data, so never in Temporal's sandbox. */
export {
  firstSchedule,
  lastSessionTime,
  nextSchedule,
  nextSessionTime,
  sessionTimeOfRun,
} from './schedule-times.ts'
export { scheduleParams } from './schedule-params.ts'
export { formatSessionTime, sessionVariables } from './session-variables.ts'
export { slaTime } from './sla-time.ts'
export { fireDelaySeconds, ScheduleNotPossibleError, temporalSpec } from './temporal-spec.ts'
export { isTimezone } from './zone.ts'
