import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { handOverVariable } from './hand-over.ts'

// Loads the programs that are named and starts none: Node keeps what it has compiled (`NODE_COMPILE_CACHE`). A process that
// finds its modules there is ready sooner, and does without the compiler, which is some 20 MB in each.
process.env[handOverVariable] = 'none'
for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href)
process.exit(0)
