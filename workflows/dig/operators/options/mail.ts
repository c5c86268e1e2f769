import type { OptionTexts } from '../spec.ts'

/** Options of `mail>`. */
export const mailOptions = {
  attach_files: 'list of `{path, filename, content_type}`',
  bcc: 'addresses that nobody sees',
  body: 'the text, where `mail>:` names no file',
  cc: 'addresses that get a copy',
  connect_timeout: 'default `60s`',
  data: 'the text itself: `mail>: {data: "..."}`',
  debug: "default false; true: the conversation in the task's log",
  from: 'one address; required, or set for the worker',
  host: "server; by default the worker's",
  html: 'default false',
  port: 'default 587, with `ssl` 465',
  socket_timeout: 'default `180s`',
  ssl: 'default false; true: TLS from the first byte',
  subject: 'required, or set for the worker',
  tls: 'default true: STARTTLS where the server has it',
  to: 'an address, a list of them, or JSON text of a list',
  username: 'who logs in; the password is the secret `mail.password`',
} as const satisfies OptionTexts
