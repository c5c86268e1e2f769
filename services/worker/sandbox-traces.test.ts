import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import { withoutSandboxTraces } from './sandbox-traces.ts'

const framesInSandbox = (): number =>
  String(runInContext('new Error("x").stack', createContext({}))).split('\n').length - 1

test('contexts made from then on take no stack traces, and ours goes on to', () => {
  expect(framesInSandbox()).toBeGreaterThan(0)
  withoutSandboxTraces()
  expect(framesInSandbox()).toBe(0)
  expect(new Error('x').stack?.split('\n').length).toBeGreaterThan(1)
})
