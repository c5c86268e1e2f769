/**
 * How a command begins that runs the first of these programs that is there, where only the inside knows:
 * a container has its own. Needs a shell in it.
 */
export function firstInside(programs: readonly string[]): readonly string[] {
  const [last = ''] = programs.slice(-1)
  const choices = programs
    .slice(0, -1)
    .map((program) => `if command -v ${program} > /dev/null; then exec ${program} "$@"; fi; `)
  return ['/bin/sh', '-c', `${choices.join('')}exec ${last} "$@"`, 'sh']
}
