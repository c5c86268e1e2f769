import '#services/shared/settings-first.ts'
import { sayMistakes } from '#services/shared/settings/say-mistakes.ts'
import { readConfig } from './config.ts'

// Asked by `npm start`, with the settings that the process would get, before anything is started.
sayMistakes(() => readConfig(process.env))
