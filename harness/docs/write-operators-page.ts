import { writeFileSync } from 'node:fs'
import { operatorsPage } from './operators-page.ts'

// `npm run operators:page`: the page of operators anew, after the table changed.
writeFileSync(new URL('../../docs/operators.md', import.meta.url), operatorsPage())
