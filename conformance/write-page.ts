import { writeFileSync } from 'node:fs'
import { readCases } from './harness/read-cases.ts'
import { readConfirmations } from './harness/confirmed.ts'
import { readOverview } from './page/overview.ts'
import { renderPage } from './page/page.ts'
import { readParts } from './page/topics.ts'

// `npm run conformance:page`: the compatibility page anew, after a case was added or changed.
const page = new URL('../docs/digdag-compatibility.md', import.meta.url)
writeFileSync(
  page,
  renderPage({
    cases: readCases(),
    parts: readParts(),
    overview: readOverview(),
    confirmations: readConfirmations(),
  }),
)
