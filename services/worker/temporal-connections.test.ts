import { expect, test } from 'vitest'
import { connectTemporal } from './temporal-connections.ts'

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? ''

test('a namespace that is not there is named, with the command that makes it', async () => {
  await expect(connectTemporal(address, 'nowhere')).rejects.toThrow(
    `Temporal at ${address} has no namespace nowhere. Set TEMPORAL_NAMESPACE to one that is there, or make it: temporal operator namespace create`,
  )
})

test('a server that does not answer is named with its setting', async () => {
  await expect(connectTemporal('127.0.0.1:9', 'default', 1)).rejects.toThrow(
    'Temporal does not answer at 127.0.0.1:9. Start it there, or set TEMPORAL_ADDRESS',
  )
})
