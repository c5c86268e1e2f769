import { isObject, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { evaluateConfig } from './evaluate-config.ts'
import type { Sandbox } from './sandbox.ts'
import { parseTemplate } from './template.ts'

/** Evaluates `${…}` as Digdag does. */
export interface Expressions {
  /** Every text of `config`, with the names of `scope`. */
  config(config: JsonObject, scope: Scope): Promise<JsonObject>
  text(text: string, scope: Scope): Promise<string>
}

interface Scope {
  readonly params: JsonObject
  readonly timezone: string
}

export function createExpressions(sandbox: Sandbox): Expressions {
  const config: Expressions['config'] = async (config, { params, timezone }) => {
    const codes: string[] = []
    // Most configs hold no expression, and need no engine.
    const plain = evaluateConfig(config, (text) => {
      const parts = parseTemplate(text)
      codes.push(...parts.flatMap((part) => ('code' in part ? part.code : [])))
      return parts.map((part) => ('literal' in part ? part.literal : '')).join('')
    })
    if (codes.length === 0) return plain

    const moment = momentFor(codes.join('\n'))
    const reply = await sandbox.run({ config, scope: params, timezone, moment })
    if (reply.kind === 'evaluated') return reply.config
    throw configError(`Failed to evaluate a variable ${reply.text} (${reply.message})`)
  }
  return {
    config,
    async text(text, scope) {
      if (!text.includes('$')) return text
      const evaluated = await config({ text }, scope)
      return isObject(evaluated) && typeof evaluated['text'] === 'string' ? evaluated['text'] : ''
    },
  }
}

function momentFor(codes: string): 'none' | 'one zone' | 'all zones' {
  if (!/\bmoment\b/.test(codes)) return 'none'
  return /\btz\b/.test(codes) ? 'all zones' : 'one zone'
}
