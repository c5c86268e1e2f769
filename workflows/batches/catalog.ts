import type { JsonObject } from '../domain/json.ts'
import type { BatchDefinition } from './definition.ts'
import { reservationsDaily } from './reservations-daily/definition.ts'

/** Every TypeScript batch; the API registers them when it starts. */
export const batches: readonly BatchDefinition<JsonObject>[] = [reservationsDaily]
