import { findOperator } from '../dig/operators/table.ts'
import type { Placement } from '../dig/operators/spec.ts'
import type { PlannedOperator } from '../contract.ts'

/** Where a task runs: as the table of operators says, and a team's own operator as it says itself, or else with the commands. */
export const placementOf = (
  operator: string,
  { queue }: Pick<PlannedOperator, 'queue'> = {},
): Placement => findOperator(operator)?.runsOn ?? queue ?? 'command'
