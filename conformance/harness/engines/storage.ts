import { randomBytes } from 'node:crypto'
import type { HelperServer } from '../http-server.ts'
import type { EnginePlaces } from './places.ts'

/** Objects that are there for every case, below `gs://${gcs_bucket}/${gcs_folder}/`. */
const objects = {
  'people.csv': 'id,name\n1,Ada\n2,"Bo, too"\n',
  'people.json': '{"id": 1, "name": "Ada"}\n{"id": 2, "name": "Bo, too"}\n',
  'more.json': '{"id": 3, "name": "Cy"}\n',
} as const

/** What cases of gcs_wait> and bq_load> read: a folder of its own in the bucket. */
export async function prepareStorage({ storage, bucket }: EnginePlaces): Promise<HelperServer> {
  const folder = `conformance-${randomBytes(4).toString('hex')}`
  const at = `${storage}/storage/v1/b/${bucket}/o`
  for (const [name, content] of Object.entries(objects)) {
    const upload = `${storage}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${folder}/${name}`
    await answered(fetch(upload, { method: 'POST', body: content }))
  }
  return {
    params: { gcs_bucket: bucket, gcs_folder: folder },
    async close() {
      const { items = [] } = (await (await fetch(`${at}?prefix=${folder}/`)).json()) as {
        readonly items?: readonly { readonly name: string }[]
      }
      for (const { name } of items) {
        await fetch(`${at}/${encodeURIComponent(name)}`, { method: 'DELETE' })
      }
    },
  }
}

async function answered(asked: Promise<Response>): Promise<void> {
  const { ok, status, url } = await asked
  if (!ok) throw new Error(`${url} answered ${status}`)
}
