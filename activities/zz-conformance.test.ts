import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'vitest'
import { createStage } from './testing/play.ts'
import { createSh } from './command/sh.ts'
import { createPy } from './command/py.ts'
const root = '/work/shared/reference/conformance'
const walk = (dir: string, base = dir): Record<string, string> => Object.fromEntries(readdirSync(dir).flatMap((n) => { const p = path.join(dir, n); return statSync(p).isDirectory() ? Object.entries(walk(p, base)) : n === 'recorded.json' ? [] : [[path.relative(base, p), readFileSync(p, 'utf8')] as [string, string]] }))
test('conformance', async () => {
  const stage = await createStage([createSh(), createPy()])
  let ok = 0
  for (const name of readdirSync(root)) {
    const file = path.join(root, name, 'recorded.json')
    if (!existsSync(file)) continue
    const r = JSON.parse(readFileSync(file, 'utf8'))
    if (!r.tasks || !r.tasks.length) continue
    const diffs: string[] = []
    try {
      const played = await stage.play(walk(path.join(root, name)), { sessionTime: r.start.sessionTime, params: r.start.params })
      const byId = new Map(played.tasks.map((t) => [t.id, t.fullName]))
      const mine = played.tasks.map((t) => ({ fullName: t.fullName, state: t.state, isGroup: t.operator === null, parent: t.parentId === null ? null : byId.get(t.parentId), upstreams: t.upstreams.map((u) => byId.get(u)), config: t.config, exportParams: { ...t.exports, ...t.exported }, storeParams: t.stored, error: t.error ?? {} }))
      const theirs = r.tasks
      const key = (t: any) => JSON.stringify(t)
      const sortKey = (a: any, b: any) => a.fullName < b.fullName ? -1 : a.fullName > b.fullName ? 1 : 0
      const A = [...mine].sort(sortKey), B = [...theirs].sort(sortKey)
      for (let i = 0; i < Math.max(A.length, B.length); i++) {
        if (key(A[i]) !== key(B[i])) for (const f of ['fullName', 'state', 'isGroup', 'parent', 'upstreams', 'config', 'exportParams', 'storeParams', 'error']) {
          const a = JSON.stringify((A[i] as any)?.[f]), b = JSON.stringify((B[i] as any)?.[f])
          if (a !== b) diffs.push(`  ${A[i]?.fullName ?? B[i]?.fullName} ${f}\n     ours   ${a?.slice(0, 300)}\n     theirs ${b?.slice(0, 300)}`)
        }
      }
      for (const [task, lines] of Object.entries(r.logs ?? {}) as [string, string[]][]) {
        const out = (await played.output(task)).trimEnd()
        if (lines.length && out !== lines.join('\n')) diffs.push(`  LOG ${task}\n     ours   ${JSON.stringify(out).slice(0, 200)}\n     theirs ${JSON.stringify(lines.join('\n')).slice(0, 200)}`)
      }
    } catch (e) { diffs.push('  THROWN ' + String(e).slice(0, 300)) }
    if (diffs.length) console.log(name + '\n' + diffs.join('\n')); else ok++
  }
  console.log('OK', ok)
  await stage.close()
}, 300000)
