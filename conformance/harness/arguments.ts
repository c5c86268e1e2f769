import { parseArgs } from 'node:util'
import { options } from '../options.mjs'
import type { OwnProject } from './own-project.ts'

export interface Arguments {
  readonly suiro: string
  readonly digdag?: string
  /** A part of the names of the cases that are wanted. */
  readonly only: string
  readonly atATime: number
  readonly project?: OwnProject
  /** What the Digdag server runs on; given, it is kept which cases the server confirms. */
  readonly java?: string
}

/** What the command line says, or what is wrong with it. */
export function readArguments(args: readonly string[]): Arguments | string {
  const read = parse(args)
  if (typeof read === 'string') return read
  const { values } = read
  const { suiro = 'http://127.0.0.1:65432', digdag, only = '', project } = values
  for (const [option, url] of Object.entries({ suiro, digdag })) {
    if (url !== undefined && !/^https?:\/\/[^/\s]/.test(url)) {
      return `--${option} must be an address such as http://127.0.0.1:65432, but is "${url}"`
    }
  }
  const atATime = Number(values['at-a-time'] ?? 8)
  if (!Number.isInteger(atATime) || atATime < 1) {
    return `--at-a-time must be a whole number from 1 on, but is "${values['at-a-time']}"`
  }
  const { java } = values
  if (java !== undefined && (digdag === undefined || project !== undefined)) {
    return '--java is for a run of the cases on a Digdag server: name it with --digdag URL'
  }
  if (java !== undefined && !/^\d+(?:\.\d+)*$/.test(java)) {
    return `--java must be a version such as 17, but is "${java}"`
  }
  const params = (values.param ?? []).map((text) => /^([^=]+)=([^]*)$/.exec(text))
  const wrong = params.indexOf(null)
  if (wrong !== -1) return `--param must be KEY=VALUE, but is "${values.param?.[wrong]}"`
  return {
    suiro,
    only,
    atATime,
    ...(digdag === undefined ? {} : { digdag }),
    ...(java === undefined ? {} : { java }),
    ...(project === undefined
      ? {}
      : {
          project: {
            folder: project,
            sessionTime: values.session ?? '2026-01-05T00:00:00+00:00',
            params: Object.fromEntries(params.map((match) => [match?.[1] ?? '', match?.[2] ?? ''])),
            ...(values.workflow === undefined ? {} : { workflow: values.workflow }),
          },
        }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
