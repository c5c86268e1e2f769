import { closeSync, openSync, readFileSync } from 'node:fs'

/**
 * Set, as `stdin`, for a service whose other settings come as JSON on its standard input; as `none`, where its modules are
 * loaded and nothing is started.
 */
export const handOverVariable = 'SUIRO_SETTINGS'

type Env = Readonly<Record<string, string | undefined>>

/** What may stay in the environment with which a process began: any program of the same user can read it there. */
const plain = /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|SHELL|NODE_\w+|LD_LIBRARY_PATH)$/

/** Settings that `NAME_FILE` may hold instead, as container engines mount secrets. */
const inFiles = ['DATABASE_URL', 'SUIRO_SECRET_KEY', 'SUIRO_MAIL_PASSWORD', 'TEMPORAL_API_KEY']

/** The two halves of a service's settings: its environment, and what it reads from its standard input. */
export function handOver(env: Env): {
  readonly env: Record<string, string>
  readonly input: string
} {
  const given = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  )
  const stays = given.filter(([name]) => plain.test(name))
  const input = Object.fromEntries(given.filter(([name]) => !plain.test(name)))
  return {
    env: { ...Object.fromEntries(stays), [handOverVariable]: 'stdin' },
    input: JSON.stringify(input),
  }
}

// A here document is a pipe: once it is read, its text is nowhere but in our memory.
const script = `exec 0<<END
$SUIRO_HANDED
END
unset SUIRO_HANDED
exec "$@"`

/**
 * Fills `process.env` with the settings. One that began with them in its environment, where `/proc` shows
 * them as long as it lives, becomes a process that did not: the same id, the same command.
 */
export function takeSettings(): void {
  if (process.env[handOverVariable] === 'none') return
  if (process.env[handOverVariable] === 'stdin') {
    Object.assign(process.env, JSON.parse(readFileSync(0, 'utf8')) as Record<string, string>)
    delete process.env[handOverVariable]
    closeSync(0)
    // Number 0 is taken by this one, not by a connection that somebody takes for the input.
    openSync('/dev/null', 'r')
  } else if (typeof process.execve === 'function' && process.platform === 'linux') {
    const { env, input } = handOver(process.env)
    const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    process.execve('/bin/sh', ['sh', '-c', script, 'sh', ...command], {
      ...env,
      SUIRO_HANDED: input,
    })
  }
  const mistakes = readFiles(process.env)
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
}

/** Puts what a `NAME_FILE` names in the place of `NAME`; answers what is wrong. */
export function readFiles(env: Record<string, string | undefined>): readonly string[] {
  const mistakes: string[] = []
  for (const name of inFiles) {
    const file = env[`${name}_FILE`]?.trim()
    if (file === undefined || file === '') continue
    delete env[`${name}_FILE`]
    if (env[name]?.trim()) {
      mistakes.push(`${name} and ${name}_FILE are both set: keep one of them`)
      continue
    }
    try {
      env[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      mistakes.push(`${name}_FILE names ${file}, which cannot be read (${code})`)
    }
  }
  return mistakes
}
