/** A text that is too long keeps its beginning and its end. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const tail = Math.floor(longest / 4)
  const head = longest - tail
  const left = `${text.length - longest} characters left out`
  return `${text.slice(0, head)} … (${left}) … ${text.slice(-tail)}`.toWellFormed()
}
