/** One line of CSV; texts are quoted where they need it. */
export const csvLine = (values: readonly (string | number)[]): string =>
  `${values.map(csvValue).join(',')}\n`

const csvValue = (value: string | number): string => {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
