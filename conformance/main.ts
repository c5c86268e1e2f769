import { createClient, type Client } from '#client/client.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import { readArguments, type Arguments } from './harness/arguments.ts'
import { confirmedBy, readConfirmations, writeConfirmations } from './harness/confirmed.ts'
import { startNeeds } from './harness/needs.ts'
import { compareProject } from './harness/own-project.ts'
import { formatFindings, formatSummary } from './harness/print.ts'
import { readCases } from './harness/read-cases.ts'
import {
  inParallel,
  runCase,
  saidByDigdag,
  type Servers,
  type Verdict,
} from './harness/run-cases.ts'

/** `npm run conformance`: ends with 0 when nothing differs, 1 when something does, 2 when it cannot run. */
async function main(args: Arguments): Promise<number> {
  const suiro = await connect(args.suiro)
  if (suiro === undefined) {
    console.error(`No Suiro answers at ${args.suiro}.
Start one in another terminal with "npm start -- --no-examples" and run this again,
or name the one to test with "npm run conformance -- --suiro http://host:port".`)
    return 2
  }
  const digdag = args.digdag === undefined ? undefined : await connect(args.digdag)
  if (args.digdag !== undefined && digdag === undefined) {
    console.error(`No Digdag server answers at ${args.digdag}: check the address after --digdag.`)
    return 2
  }
  const servers = { suiro, ...(digdag === undefined ? {} : { digdag }) }
  if (args.project === undefined) return runCases(servers, args)
  if (digdag === undefined) {
    console.error('--project compares two servers: name the other one with --digdag URL.')
    return 2
  }
  const findings = await compareProject({ suiro, digdag }, args.project)
  console.log(
    findings.length === 0
      ? 'Both servers did the same.'
      : findings.map(({ name, ...finding }) => formatFindings(name, [finding])).join('\n'),
  )
  return findings.length === 0 ? 0 : 1
}

async function runCases(servers: Servers, { only, atATime, java }: Arguments): Promise<number> {
  const cases = readCases(only)
  if (cases.length === 0) {
    console.error(`No case has "${only}" in its name: they are the folders of conformance/cases/.`)
    return 2
  }
  const needs = await startNeeds(cases.flatMap(({ expected }) => expected.needs ?? []))
  const verdicts = new Map<string, Verdict>()
  try {
    await inParallel(cases, atATime, async (one) => {
      const verdict = await runCase(one, servers, needs)
      verdicts.set(one.name, verdict)
      if (verdict.is === 'different') console.log(formatFindings(one.name, verdict.findings))
    })
  } finally {
    await needs.close()
  }
  console.log(formatSummary(verdicts))
  if (java !== undefined && servers.digdag !== undefined) {
    const server = `digdag ${await versionOf(servers.digdag)}, Java ${java}`
    const ran = cases.flatMap((one) => {
      const verdict = verdicts.get(one.name)
      const asRecorded = verdict === undefined ? undefined : saidByDigdag(verdict)
      return asRecorded === undefined ? [] : [{ one, asRecorded }]
    })
    writeConfirmations(confirmedBy(server, readConfirmations(), ran))
    console.log(`conformance/confirmed.json says which of these ${server} confirms.`)
  }
  return [...verdicts.values()].some(({ is }) => is === 'different') ? 1 : 0
}

async function versionOf(api: Client): Promise<string> {
  const { body } = await api.request('GET', '/api/version')
  return String(body['version'])
}

/** A client, if a server answers; a login may be in the address. */
async function connect(address: string): Promise<Client | undefined> {
  const { origin, username, password } = new URL(address)
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`
  const api = createClient(origin, {
    readJson: parseJson,
    ...(username === '' ? {} : { headers: { authorization } }),
  })
  try {
    const { status } = await api.request('GET', '/api/version')
    return status === 200 ? api : undefined
  } catch {
    return undefined
  }
}

const args = readArguments(process.argv.slice(2))
if (typeof args === 'string') {
  console.error(`${args}\nnpm run conformance -- --help says what there is.`)
}
process.exitCode = typeof args === 'string' ? 2 : await main(args)
