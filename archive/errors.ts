/** An archive cannot be read at all; what single entries do wrong are mistakes (mistakes.ts). */
export class ArchiveError extends Error {
  readonly reason: 'not-gzip' | 'damaged' | 'too-large'

  constructor(reason: ArchiveError['reason'], message: string) {
    super(message)
    this.name = 'ArchiveError'
    this.reason = reason
  }
}
