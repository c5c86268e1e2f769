import { perform } from './perform.ts'
import { readRequest } from './request.ts'
import type { HttpSettings } from './settings.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'

/** `http>: URI` sends a request, and stores how it was answered. */
export const createHttp = (settings: HttpSettings): BuiltIn<'http'> =>
  builtIn('http', async (context) => {
    const { secrets } = context
    const config = context.config.withDefaults('http')
    const secretUri = await secrets.get('http.uri')
    const request = await readRequest(config, secrets, {
      settings,
      methodWithContent: 'GET',
      ...(secretUri === undefined ? {} : { secretUri }),
    })
    const storeContent = config.boolean('store_content', false)
    const performed = await perform(context, request, storeContent ? settings.mostContent : 0)
    if ('again' in performed) return performed
    const { status, text } = performed.answer
    return {
      resetParams: ['http.last_status', ...(storeContent ? ['http.last_content'] : [])],
      stored: {
        http: { last_status: status, ...(storeContent ? { last_content: text } : {}) },
      },
    }
  })
