import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe } from 'vitest'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { exampleTests } from './example.ts'
import { httpTests } from './http.ts'
import { movedTests } from './moved.ts'
import { operatorsFolder, operatorTests } from './operators.ts'

// Suites that need no stack of their own share one; the last of them crashes its worker.

let folder: string
let stack: Stack
const given = (): Stack => stack

beforeAll(async () => {
  folder = await operatorsFolder()
  stack = await startStack({ SUIRO_OPERATORS: folder, SUIRO_CONTAINERS: 'none' })
}, 120_000)
afterAll(async () => {
  await stack.stop()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

describe("the example's day", () => {
  exampleTests(given)
})
describe('operators', () => {
  operatorTests(given, () => folder)
})
describe('a project from Digdag', () => {
  movedTests(given)
})
describe('http>', () => {
  httpTests(given)
})
