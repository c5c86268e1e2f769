import type { BatchDefinition } from '../definition.ts'

/** What a start may set; a type, not an interface, so that it is a JSON object too. */
export type ReservationsParams = {
  readonly dataset: string
  readonly bucket: string
}

/** The day's batch of the reservations business, the same as in examples/reservations. */
export const reservationsDaily: BatchDefinition<ReservationsParams> = {
  project: 'reservations-ts',
  name: 'reservations_daily',
  workflowType: 'reservationsDaily',
  files: 'examples/reservations',
  file: { timezone: 'Asia/Tokyo', schedule: { 'daily>': '05:30:00' } },
  defaults: { dataset: 'reservations_ts', bucket: 'suiro' },
}
