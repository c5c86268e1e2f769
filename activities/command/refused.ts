import type { Found } from './place.ts'

export const noPlainFile: Found = { kind: 'refused', why: 'it is no plain file' }

export const tooLarge = (mostBytes: number): Found => ({
  kind: 'refused',
  why: `it is larger than ${mostBytes >= 2 ** 20 ? `${Math.floor(mostBytes / 2 ** 20)} MB` : `${mostBytes} bytes`}`,
})
