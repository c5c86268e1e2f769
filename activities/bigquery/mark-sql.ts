const place = /\[(?<line>\d+):(?<column>\d+)\]/

/** The lines of a query around the place that BigQuery's message names, with a mark under it. */
export function markSql(sql: string, message: string): string | undefined {
  const groups = place.exec(message)?.groups
  if (!groups) return undefined
  const line = Number(groups['line'])
  const column = Number(groups['column'])
  const lines = sql.split(/\r?\n/)
  if (line < 1 || line > lines.length) return undefined

  const width = String(line).length
  const numbered = (index: number): string =>
    `${index + 1 === line ? '>' : ' '} ${String(index + 1).padStart(width)} | ${lines[index] ?? ''}`
  const shown = lines.map((_, index) => index).slice(Math.max(0, line - 3), line)
  // Tabs are kept as tabs, so that the mark is under its column in any terminal.
  const indent = (lines[line - 1] ?? '').slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
  return [...shown.map(numbered), `  ${' '.repeat(width)} | ${indent}^`].join('\n')
}
