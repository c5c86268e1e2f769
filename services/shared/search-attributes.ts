import { status } from '@grpc/grpc-js'
import { isGrpcServiceError, type Client } from '@temporalio/client'
import { searchAttributes } from '#workflows/contract.ts'

// Temporal's numbers for the types that contract.ts names.
const indexedValueType = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const

/** Makes sure that the namespace knows the search attributes of attempts; repeating it is harmless. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { operatorService } = client.connection
  const { namespace } = client.options
  const known = await operatorService.listSearchAttributes({ namespace })
  const missing = Object.entries(searchAttributes)
    .filter(([name]) => known.customAttributes?.[name] === undefined)
    .map(([name, type]) => [name, indexedValueType[type]] as const)
  if (missing.length === 0) return
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing),
    })
  } catch (error) {
    // Another API process was first.
    if (!isGrpcServiceError(error) || error.code !== status.ALREADY_EXISTS) throw error
  }
}
