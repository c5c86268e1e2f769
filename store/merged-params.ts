import type { ParamLayer } from '#workflows/contract.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { jsonText } from './json-text.ts'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'

export interface MergedParams {
  /** Keys to take away before `params` are merged. */
  readonly resetParams: readonly string[]
  readonly params: JsonObject
}

export interface MergedParamsStore {
  /** Keeps what these layers came to, once; answers its id. */
  keep(attemptId: AttemptId, layers: readonly ParamLayer[], merged: MergedParams): Promise<number>
  findMany(ids: readonly number[]): Promise<readonly (MergedParams & { readonly id: number })[]>
}

export function createMergedParams(db: Queryable): MergedParamsStore {
  return {
    async keep(attemptId, layers, { params, resetParams }) {
      const row = await rowOf<{ id: number }>(
        db,
        `insert into merged_params (attempt_id, layers, params, reset_params) values ($1, $2, $3, $4)
        on conflict (attempt_id, md5(layers::text)) do update set attempt_id = excluded.attempt_id
        returning id`,
        [attemptId, JSON.stringify(layers), jsonText(params), jsonText(resetParams)],
      )
      if (row === undefined) throw new Error('PostgreSQL did not answer the merged parameters')
      return row.id
    },
    findMany: (ids) =>
      rowsOf(
        db,
        'select id, params, reset_params as "resetParams" from merged_params where id = any($1)',
        [ids],
      ),
  }
}
