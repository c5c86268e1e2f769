import { afterAll } from 'vitest'
import { startStack, type Stack } from './stack.ts'

/** A stack for the tests of one file, which is stopped after them. */
export async function useStack(settings: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const stack = await startStack(settings)
  afterAll(() => stack.stop(), 60_000)
  return stack
}
