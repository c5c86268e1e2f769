import type { TaskQueue } from '../contract.ts'

/**
 * Where an operator's activity runs. What only steers or renders runs as a local activity beside the
 * workflow, which costs a tenth of a remote one; what touches the world waits for a slot of its resource.
 */
export type Placement = 'local' | TaskQueue

const placements: Readonly<Record<string, Placement>> = {
  echo: 'local',
  fail: 'local',
  if: 'local',
  loop: 'local',
  for_each: 'local',
  for_range: 'local',
  call: 'local',
  require: 'local',
  wait: 'local',
  nop: 'local',
  param_get: 'local',
  param_set: 'local',
  bq: 'bigquery',
  bq_load: 'bigquery',
  bq_ddl: 'bigquery',
  bq_extract: 'bigquery',
  pg: 'transfer',
  gcs_wait: 'transfer',
  embulk: 'transfer',
  mail: 'notify',
  http: 'notify',
  http_call: 'notify',
  notify: 'notify',
}

/** An operator that a team added itself runs with the commands. */
export const placementOf = (operator: string): Placement => placements[operator] ?? 'command'
