import type { OptionTexts } from '../spec.ts'

/** Options of `http>`. */
export const httpOptions = {
  content: "the request's body: a text, or a mapping for `json` and `form`",
  content_format: '`text`, `json` or `form`; by default what the content is',
  content_type: 'by default what the format says',
  follow_redirects: 'default true: at most 8',
  headers: 'list of mappings with one entry',
  insecure: 'default false; true: no certificate is checked',
  method: 'default `GET`; for `http_call>` with content `POST`',
  proxy: '`{enabled, host, port, tls}`',
  query: 'a text or a mapping, added to the URI',
  retry: 'whether a failed request is sent again; default true for GET, HEAD, OPTIONS and TRACE',
  store_content: 'default false; true: the body is stored as `http.last_content`',
  timeout: 'seconds for the whole exchange; default 30, 0 is no limit',
} as const satisfies OptionTexts

/** Options of `http_call>`. */
export const httpCallOptions = {
  ...httpOptions,
  content_type_override: '`application/json` or `application/x-yaml`, whatever the answer says',
} as const satisfies OptionTexts
