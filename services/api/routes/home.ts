import type { FastifyPluginAsync } from 'fastify'
import { scheduleWorkflowType } from '#workflows/contract.ts'
import { pagePolicy } from '../plugins/security-headers.ts'

const style = `body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem;color:#1b2a33}
a{color:#00708c}code{background:#eef4f6;padding:.1em .3em;border-radius:3px}`

interface Needs {
  /** Temporal's own, where it is known. */
  readonly temporalUi?: { readonly home: string; readonly list: (query: string) => string }
}

/** A short page that says where things are. */
export const homeRoute: FastifyPluginAsync<Needs> = async (app, { temporalUi }) => {
  const monitor =
    temporalUi === undefined
      ? ''
      : `<li><a href="${encodeURI(temporalUi.home)}">Temporal's UI</a>: what is running, task by task; there
<a href="${temporalUi.list('SuiroAttemptId is not null')}">attempts</a>,
<a href="${temporalUi.list(`WorkflowType = "${scheduleWorkflowType}"`)}">how schedules ran</a></li>`
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Suiro</title>
<style>${style}</style></head>
<body><h1>Suiro</h1><p>Workflow orchestration for data teams. The <code>digdag</code> command works with this address.</p>
<ul><li><a href="/docs">The API, and a page to try it</a> (<a href="/api/openapi.json">OpenAPI</a>)</li>
${monitor}
<li><a href="/api/overview">Overview</a>: what failed, is late, runs, comes and was missed</li>
<li><a href="/api/projects">Projects</a>, <a href="/api/workflows">workflows</a>, <a href="/api/schedules">schedules</a>, <a href="/api/sessions">sessions</a></li>
<li><a href="/readyz">Is everything there that it needs?</a></li></ul></body></html>
`
  app.get('/', { schema: { hide: true } }, (_, reply) =>
    reply
      .header('content-security-policy', pagePolicy(style))
      .type('text/html; charset=utf-8')
      .send(page),
  )
}
