import { configError } from '../failure.ts'

/** An object's place in Cloud Storage. */
export interface ObjectPlace {
  readonly bucket: string
  readonly name: string
}

/** Reads `gs://bucket/name`. */
export function parseObjectUri(uri: string): ObjectPlace {
  const groups = /^gs:\/\/(?<bucket>[^/]+)\/(?<name>.+)$/.exec(uri)?.groups
  if (groups?.['bucket'] === undefined || groups['name'] === undefined) {
    throw configError(`Expected gs://BUCKET/OBJECT but got ${uri}`)
  }
  return { bucket: groups['bucket'], name: groups['name'] }
}
