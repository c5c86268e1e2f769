import type { MergedParams } from '#store/merged-params.ts'
import type { Store } from '#store/index.ts'
import type { FoundTask } from '#store/tasks.ts'
import type { ParamLayer } from '#workflows/contract.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { isObject, merge, type Json, type JsonObject } from '#workflows/domain/json.ts'

/** What layers of parameters stand for: the tasks and merged rows they name. */
export interface LoadedLayers {
  readonly tasks: ReadonlyMap<TaskId, FoundTask>
  readonly merged: ReadonlyMap<number, MergedParams>
}

/** Reads what the layers name, and another task along with it, in one query (two with merged ones). */
export async function loadLayers(
  store: Pick<Store, 'tasks' | 'mergedParams'>,
  layers: readonly ParamLayer[],
  taskIds: readonly TaskId[] = [],
): Promise<LoadedLayers> {
  const named = layers.flatMap((layer) => (layer[0] === 'merged' ? [] : layer[1]))
  const mergedIds = layers.flatMap((layer) => (layer[0] === 'merged' ? layer[1] : []))
  const ids = [...new Set([...taskIds, ...named])]
  const [tasks, merged] = await Promise.all([
    ids.length === 0 ? [] : store.tasks.findMany(ids),
    mergedIds.length === 0 ? [] : store.mergedParams.findMany(mergedIds),
  ])
  return {
    tasks: new Map(tasks.map((task) => [task.id, task])),
    merged: new Map(merged.map((row) => [row.id, row])),
  }
}

/** What a list of layers comes to, weakest first. */
export function mergeLayers(layers: readonly ParamLayer[], loaded: LoadedLayers): MergedParams {
  return layers
    .map((layer) => contentOf(layer, loaded))
    .reduce(
      (before, next) => ({
        resetParams: [...new Set([...before.resetParams, ...next.resetParams])],
        params: apply(before.params, next),
      }),
      { resetParams: [], params: {} },
    )
}

/** Keeps what layers come to, as one layer. */
export async function keepMerged(
  store: Pick<Store, 'tasks' | 'mergedParams'>,
  attemptId: AttemptId,
  layers: readonly ParamLayer[],
): Promise<ParamLayer> {
  const merged = mergeLayers(layers, await loadLayers(store, layers))
  return ['merged', await store.mergedParams.keep(attemptId, layers, merged)]
}

/** Puts a layer over parameters: first what it resets goes, then what it holds is merged. */
const apply = (params: JsonObject, { resetParams, params: over }: MergedParams): JsonObject =>
  merge(resetParams.reduce(without, params), over)

function contentOf(layer: ParamLayer, loaded: LoadedLayers): MergedParams {
  if (layer[0] === 'merged') return found(loaded.merged.get(layer[1]), layer)
  const task = found(loaded.tasks.get(layer[1]), layer)
  if (layer[0] === 'store') return { resetParams: task.resetParams, params: task.stored }
  return { resetParams: [], params: merge(task.exports, task.exported) }
}

function found<Value>(value: Value | undefined, layer: ParamLayer): Value {
  if (value === undefined) throw new Error(`Parameters of ${layer.join(' ')} are not there`)
  return value
}

/** Takes a key away; dots lead into objects: `pg.last_results`. */
function without(params: JsonObject, key: string): JsonObject {
  const [first = '', ...rest] = key.split('.')
  const value = params[first]
  if (value === undefined) return params
  const { [first]: _, ...others } = params
  if (rest.length === 0) return others
  if (!isObject(value)) return params
  const kept: Json = without(value, rest.join('.'))
  return { ...params, [first]: kept }
}
