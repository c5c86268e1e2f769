import { defineConfig } from 'vitest/config'
import { LongFirst } from './harness/long-first.ts'

export default defineConfig({
  test: {
    include: [
      '{activities,archive,client,conformance,examples,harness,infra,services,store,workflows}/**/*.test.ts',
    ],
    globalSetup: ['services/embedded/vitest-setup.ts'],
    // Only where the statements of a release are recorded (docs/decisions/versions.md).
    setupFiles:
      process.env['SUIRO_STATEMENTS'] === undefined ? [] : ['harness/statements/recorder.ts'],
    // Real servers on two cores: a test may wait for them, and files share the machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
  },
})
