import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fences } from './fences.ts'
import { judgeImport } from './judge.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** As much of a syntax tree's node as is looked at: an import, an export or a call of `import()`. */
interface Node {
  readonly source?: { readonly value?: unknown } | null
}

interface Context {
  readonly filename: string
  report(problem: { readonly message: string; readonly node: object }): void
}

/** The rule `suiro/fences` for oxlint: every import against the table. */
const rule = {
  create(context: Context) {
    const from = relative(root, context.filename).split(sep).join('/')
    const look = ({ source }: Node): void => {
      if (typeof source?.value !== 'string') return
      const message = judgeImport(from, source.value, fences)
      if (message !== undefined) context.report({ message, node: source })
    }
    return {
      ImportDeclaration: look,
      ImportExpression: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
    }
  },
}

export default { meta: { name: 'suiro' }, rules: { fences: rule } }
