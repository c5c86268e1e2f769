import type { BatchDefinition } from '../definition.ts'

/** What a start may set; a type, not an interface, so that it is a JSON object too. */
export type ReservationsParams = {
  readonly dataset: string
  readonly bucket: string
}

const timezone = 'Asia/Tokyo'

/** The day's batch of the reservations business, the same as in examples/reservations. */
export const reservationsDaily: BatchDefinition<ReservationsParams> = {
  project: 'reservations-ts',
  workflowType: 'reservationsDaily',
  files: 'examples/reservations',
  definition: {
    name: 'reservations_daily',
    timezone,
    config: { schedule: { 'daily>': '05:30:00' } },
    root: {
      name: '+reservations_daily',
      config: {},
      exports: {},
      upstreams: [],
      children: [],
    },
    defaults: { dataset: 'reservations_ts', bucket: 'suiro' },
    schedule: {
      type: 'daily',
      command: '05:30:00',
      timezone,
      delaySeconds: 0,
      skipOnOvertime: false,
    },
  },
}
