import { takeSettings } from './hand-over.ts'

// Imported before everything else, since libraries read their settings when they are loaded.
try {
  takeSettings()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
