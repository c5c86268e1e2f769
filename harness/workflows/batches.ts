import { batch } from '#workflows/batches/batch.ts'
import { echo } from '#workflows/batches/operators.ts'
import { parallel } from '#workflows/batches/settle.ts'

/** A batch as a team writes it, for tests; `broken` makes one of its tasks fail, `waits` one wait. */
export const salesDaily = batch(
  { defaults: { broken: 'no', waits: '0' } },
  async ({ task, group, params }) => {
    await task('+prepare', echo('${greeting} prepared'))
    await group('+load', async ({ task }) => {
      const one = (name: 'shops' | 'payments') => task(`+${name}`, echo(`loaded ${name}`))
      await parallel([one('shops'), one('payments')])
      await task(
        '+check',
        params.broken === 'yes' ? { config: { 'fail>': 'no rows' } } : echo('ok'),
      )
    })
    if (params.waits !== '0') await task('+wait', { config: { 'wait>': `${params.waits}s` } })
    await task('+report', echo('reported'))
  },
)
