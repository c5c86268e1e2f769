import type { OptionTexts } from '../spec.ts'

/** Options of `gcs_wait>`. */
export const gcsWaitOptions = {
  bucket: 'the bucket, with `object` in place of the address behind `gcs_wait>:`',
  object: "the object's name in the bucket",
  timeout: 'the task fails when it has waited so long, e.g. `2h`; without it there is no end',
} as const satisfies OptionTexts
