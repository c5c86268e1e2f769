import type { Storage } from '@google-cloud/storage'
import { growingWait } from '#workflows/domain/growing-wait.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { advice, type Trouble } from '../bigquery/failure-reasons.ts'
import { within } from '../bigquery/patience.ts'
import { configError, OperatorError } from '../failure.ts'
import { builtIn, type BuiltIn, type KeyOf } from '../task/built-in.ts'
import type { Config } from '../task/config.ts'
import type { OperatorContext } from '../task/operator.ts'
import { createClients, type ClientDeps } from './clients.ts'
import type { ObjectPlace } from './object-uri.ts'
import { objectMetadata } from './object-metadata.ts'

/** When the first look was, and since when no look has been answered. */
const [startKey, failingKey] = ['wait_start_time_millis', 'failing_since_millis']

/** How long looks may go unanswered before the task fails. */
const outageMs = 600_000

/**
 * Seconds until the next look. Each leaves some events in the attempt's history, so they become rarer the longer
 * it takes: Digdag's 5 to 30 seconds for the first hour, every 5 minutes after some hours.
 */
const nextLook = (polls: number): number =>
  polls < 100
    ? growingWait({ first: 5, most: 30 }, polls)
    : Math.round(growingWait({ first: 30, most: 300, factor: 1.05 }, polls - 100))

/** `gcs_wait>: bucket/object` waits until there is such an object. Between two looks no worker is held. */
export function createGcsWait(deps: ClientDeps): BuiltIn<'gcs_wait'> {
  const clientOf = createClients(deps)
  return builtIn('gcs_wait', async (context) => {
    const config = context.config.withDefaults('gcs')
    const place = readPlace(config)
    const timeout = config.optionalDuration('timeout')
    const storage = clientOf(await context.secrets.get('gcp.credential'))
    const state = context.state.value
    const begun = numberAt(state, startKey) ?? Date.now()

    const look = await lookAt(storage, place, context.signal)
    if (look.is === 'there') {
      return {
        resetParams: ['gcs_wait.last_object'],
        stored: { gcs_wait: { last_object: { metadata: objectMetadata(look.resource) } } },
      }
    }
    const failing =
      look.is === 'unanswered' ? (numberAt(state, failingKey) ?? Date.now()) : undefined
    if (look.is === 'unanswered') giveUp(look.trouble, place, Date.now() - (failing ?? 0), context)

    const left =
      timeout === undefined ? Infinity : Math.ceil((begun + timeout * 1000 - Date.now()) / 1000)
    if (left <= 0) {
      throw new OperatorError(`Object '${nameOf(place)}' did not come to be within ${timeout} s`, {
        code: 'TIMEOUT',
      })
    }
    if (context.polls === 0) context.log(`Object '${nameOf(place)}' does not yet exist`)
    await context.state.save({
      [startKey]: begun,
      ...(failing === undefined ? {} : { [failingKey]: failing }),
    })
    return { again: { afterSeconds: Math.min(nextLook(context.polls), left) } }
  })
}

const nameOf = ({ bucket, name }: ObjectPlace): string => `${bucket}/${name}`

/** Either the address, or bucket and object by themselves: never half of each. */
function readPlace(config: Config<KeyOf<'gcs_wait'>>): ObjectPlace {
  const command = config.optionalString('_command')
  const bucket = config.optionalString('bucket')
  const name = config.optionalString('object')
  if (command === undefined && bucket !== undefined && name !== undefined) return { bucket, name }
  if (command === undefined || bucket !== undefined || name !== undefined) {
    throw configError(
      "Either the gcs_wait operator command or both 'bucket' and 'object' parameters must be set",
    )
  }
  const groups = /^(?:gs:\/\/)?(?<bucket>[^/:]+)\/(?<name>.+)$/s.exec(command)?.groups
  if (groups?.['bucket'] !== undefined && groups['name'] !== undefined) {
    return { bucket: groups['bucket'], name: groups['name'] }
  }
  throw configError(`Illegal GCS URI or path: ${command}`)
}

type Look =
  | { readonly is: 'there'; readonly resource: JsonObject }
  | { readonly is: 'missing' }
  | { readonly is: 'unanswered'; readonly trouble: Trouble }

async function lookAt(storage: Storage, place: ObjectPlace, signal: AbortSignal): Promise<Look> {
  try {
    const asked = storage.bucket(place.bucket).file(place.name).getMetadata()
    const [found] = await within(asked, signal)
    return { is: 'there', resource: JSON.parse(JSON.stringify(found)) as JsonObject }
  } catch (error) {
    signal.throwIfAborted()
    const trouble = troubleOf(error)
    return trouble.status === 404 ? { is: 'missing' } : { is: 'unanswered', trouble }
  }
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message } = error
  const code = 'code' in error ? error.code : undefined
  return {
    message,
    ...(typeof code === 'number' && { status: code }),
    ...(typeof code === 'string' && { code }),
  }
}

/** Fails the task where asking again cannot help, or has not helped for long. */
function giveUp(
  trouble: Trouble,
  place: ObjectPlace,
  failingMs: number,
  { log }: Pick<OperatorContext, 'log'>,
): void {
  const what = `Cannot look for gs://${nameOf(place)}: ${trouble.message}`
  if (advice(trouble) === 'never' || failingMs > outageMs) {
    throw new OperatorError(what)
  }
  log(`${what}; it is tried again`)
}

const numberAt = (state: JsonObject, key: string): number | undefined => {
  const value = state[key]
  return typeof value === 'number' ? value : undefined
}
