import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStage, type Stage } from '#harness/stage/play.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const endless = '${(function () { for (;;); })()}'

describe('a task with a hostile expression', () => {
  test('fails with a sentence, and its siblings go on meanwhile', async () => {
    const played = await stage.play({
      'case.dig': `
+p:
  _parallel: true
  +loop: {echo>: "${endless}"}
  +memory: {echo>: "\${'x'.repeat(1e9)}"}
  +host: {echo>: "\${process.env.HOME}"}
  +recursion: {echo>: "\${(function f() { return f() })()}"}
  +g:
    +a: {echo>: "\${1 + 1}"}
    +b: {echo>: "\${moment(session_time).format('YYYY')}"}`,
    })
    expect(await played.output('+case+p+g+b')).toBe('2026\n')
    const { finishedAt } = played.task('+case+p+g+b')
    expect(finishedAt! < played.task('+case+p+loop').finishedAt!).toBe(true)
    const messageOf = (name: string) => played.task(`+case+p+${name}`).error?.['message']
    expect(messageOf('loop')).toBe(
      `Failed to evaluate a variable ${endless} (it took longer than 3 seconds) (config)`,
    )
    expect(messageOf('memory')).toContain('(it needs more than 64 MB of memory) (config)')
    expect(messageOf('host')).toContain('(ReferenceError: process is not defined) (config)')
    expect(messageOf('recursion')).toContain('stack overflow')
  })

  test('in thousands ends soon, and an attempt beside it does not wait for that', async () => {
    const hostile = stage.play({
      'case.dig': `+l:\n  loop>: 150\n  _parallel: true\n  _do: {echo>: "${endless}"}`,
    })
    const good = await stage.play(
      {
        'good.dig': '+l:\n  loop>: 30\n  _do: {echo>: "${i + 1}"}',
      },
      { workflow: 'good' },
    )
    expect(good.end).toEqual({ state: 'success' })
    const ended = await hostile
    const failed = ended.tasks.filter(({ state }) => state === 'error')
    expect(failed).toHaveLength(150)
    expect(good.tasks.at(-1)!.finishedAt! < failed.at(-1)!.finishedAt!).toBe(true)
  }, 120_000)

  test('leaves nothing behind for the tasks after it', async () => {
    const played = await stage.play({
      'case.dig':
        '+a: {echo>: "${Object.prototype.leak = JSON.parse = Array.prototype.map = 5}"}\n+b: {echo>: "${({}).leak} ${[1].map(function (x) { return x + 1 })} ${JSON.parse(\'[2]\')}"}',
    })
    expect(await played.output('+case+b')).toBe(' [2] [2]\n')
  })

  test('that throws megabytes fails with a message that can be read', async () => {
    const code = '${(function () { throw new Error("x".repeat(1e6)) })()}'
    const played = await stage.play({ 'case.dig': `+a: {echo>: '${code}${' '.repeat(50_000)}'}` })
    const message = JSON.stringify(played.task('+case+a').error)
    expect(message.length).toBeLessThan(17_000)
    expect(message).toMatch(
      /^{"message":"Failed to evaluate a variable .*characters left out.*\(config\)"}$/s,
    )
  })
})
