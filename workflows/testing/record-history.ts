import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'

// node workflows/testing/record-history.ts WORKFLOW-ID NAME
// Keeps a real run's history in workflows/histories/, where a test replays it from then on.
const [workflowId, name] = process.argv.slice(2)
if (workflowId === undefined || name === undefined) {
  console.error('Usage: node workflows/testing/record-history.ts WORKFLOW-ID NAME')
  process.exit(2)
}
const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233'
const connection = await Connection.connect({ address })
const handle = new Client({ connection }).workflow.getHandle(workflowId)
const file = fileURLToPath(new URL(`../histories/${name}.json`, import.meta.url))
await writeFile(file, `${historyToJSON(await handle.fetchHistory())}\n`)
await connection.close()
console.log(`Wrote ${file}`)
