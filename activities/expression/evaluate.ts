import { isObject, type JsonObject } from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'
import { evaluateConfig } from './evaluate-config.ts'
import { namesIn, pick } from './names.ts'
import type { Sandbox, SandboxCaller } from './sandbox.ts'
import { parseTemplate } from './template.ts'

/** Evaluates `${…}` as Digdag does. */
export interface Expressions {
  /** Every text of `config`, with the names of `scope`. */
  config(config: JsonObject, scope: Scope): Promise<JsonObject>
  text(text: string, scope: Scope): Promise<string>
}

interface Scope extends SandboxCaller {
  readonly params: JsonObject
  readonly timezone: string
}

export function createExpressions(sandbox: Sandbox): Expressions {
  const config: Expressions['config'] = async (config, { params, timezone, ...caller }) => {
    const { plain, codes, expressive } = readPlain(config)
    // Most configs hold no expression, and need no engine.
    if (codes.length === 0) return plain

    // What no expression can read stays here: parameters may be megabytes.
    const names = namesIn(codes)
    const isRead = (key: string): boolean => names === undefined || names.has(key)
    const sent = Object.entries(config).filter(
      ([key, value]) => expressive.has(key) || (isRead(key) && params[key] !== value),
    )
    const reply = await sandbox.run(
      {
        config: Object.fromEntries(sent),
        scope: pick(params, names),
        timezone,
        moment: momentFor(codes.join('\n')),
      },
      caller,
    )
    if (reply.kind === 'evaluated') return { ...plain, ...reply.config }
    throw configError(
      `Failed to evaluate a variable ${reply.text} (${reply.message})`,
      'EXPRESSION',
    )
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

/** What a config comes to without its expressions, their code, and the top-level keys that hold some. */
function readPlain(config: JsonObject) {
  const codes: string[] = []
  const expressive = new Set<string>()
  const plain = Object.entries(config).map(([key, value]) => {
    const before = codes.length
    let rendered = false
    const evaluated = evaluateConfig({ [key]: value }, (text) => {
      rendered = true
      const parts = parseTemplate(text)
      codes.push(...parts.flatMap((part) => ('code' in part ? part.code : [])))
      return parts.map((part) => ('literal' in part ? part.literal : '')).join('')
    })
    if (codes.length > before) expressive.add(key)
    return [key, rendered ? (evaluated[key] ?? null) : value] as const
  })
  return { plain: Object.fromEntries(plain), codes, expressive }
}

function momentFor(codes: string): 'none' | 'one zone' | 'all zones' {
  if (!/\bmoment\b/.test(codes)) return 'none'
  return /\btz\b/.test(codes) ? 'all zones' : 'one zone'
}
