/** Every workflow of Suiro: this file is the sandbox's whole surface. */
export { runAttempt } from './attempt.ts'
export { runBranch } from './branch.ts'
export { fireSchedule } from './schedule.ts'
export { reservationsDaily } from './batches/reservations-daily/workflow.ts'
