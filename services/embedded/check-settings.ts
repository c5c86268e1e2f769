import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { handOver, readFiles } from '#services/shared/hand-over.ts'
import { unknownSettings } from '#services/shared/settings/names.ts'
import { foreseenEnv, serviceEnv, type Variables } from './service-env.ts'
import { gatherSettings, wrongSettings, type Settings } from './settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Of the right size; the real one is made when all is well. */
const anyKey = Buffer.alloc(32).toString('base64')

export interface CheckedSettings {
  readonly settings: Settings
  /** The environment, with what `NAME_FILE` names in the place of `NAME`. */
  readonly given: Variables
  /** What is ignored, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * The settings of all that `npm start` starts; throws a StartError that names every mistake, those that the API and
 * the worker would find in theirs included. Nothing has been started by then.
 */
export async function checkSettings(
  env: Variables,
  args: readonly string[],
): Promise<CheckedSettings> {
  const given = { ...env }
  const inFiles = readFiles(given)
  const { settings, mistakes } = gatherSettings(given, args)
  const unknown = unknownSettings(Object.keys(env))
  const misspelt = unknown.flatMap(({ name, meant }) =>
    meant === undefined ? [] : `${name} is no setting. Did you mean ${meant}?`,
  )
  const handed = { ...serviceEnv(settings, given, anyKey), ...foreseenEnv(settings) }
  const services = await Promise.all(['api', 'worker'].map((service) => found(service, handed)))
  const all = eachOnce([[...inFiles, ...mistakes, ...misspelt], ...services])
  if (all.length > 0) throw wrongSettings(all)
  const notes = unknown.map(({ name }) => `${name} is no setting of Suiro, and is ignored.`)
  return { settings, given, notes }
}

/** What a service finds wrong with the settings that it would be handed. */
async function found(service: string, handed: Variables): Promise<readonly string[]> {
  const { env, input } = handOver(handed)
  const child = spawn(process.execPath, [`services/${service}/check-settings.ts`], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => undefined).end(input)
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (said === '') throw new Error(`The settings of ${service} could not be checked`)
  return JSON.parse(said) as readonly string[]
}

/** Several read the same variable: what the first says of it is enough. */
function eachOnce(sources: readonly (readonly string[])[]): readonly string[] {
  const said: string[] = []
  for (const source of sources) {
    const before = new Set(said.map(variableOf))
    said.push(...source.filter((mistake) => !before.has(variableOf(mistake))))
  }
  return said
}

const variableOf = (mistake: string): string => /^\w+/.exec(mistake)?.[0] ?? mistake
